"""Numbers with a unit behind them, as logs write them: `18ms`, `1.2s`, `1m3.5s`, `512KiB`, `85%`."""

import re
from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_DURATIONS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
_SIZES = {
    "B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40,
}  # fmt: skip
_FACTORS = {**_DURATIONS, **_SIZES, "%": 1.0}
_UNIT_OF = {**dict.fromkeys(_DURATIONS, "ms"), **dict.fromkeys(_SIZES, "B"), "%": "%"}
_LABELS = frozenset(("s", "m", "h", "B"))
"""These may stand behind what is a label: candles of `5m`, seat `12B`."""

_ONE = r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)) ?(?P<unit>" + "|".join(sorted(_FACTORS, key=len, reverse=True)) + ")"
_SEVERAL = r"-?(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns)){2,4}"
_STEP = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)")


def quantities(texts: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """(n,) what the texts say: durations in milliseconds, sizes in bytes, percent; NaN for what is none of these.

    >>> quantities(pa.array(["18ms", "1.5s", "1m3s", "2 KiB", "85%", "7", "x", None])).tolist()
    [18.0, 1500.0, 63000.0, 2048.0, 85.0, nan, nan, nan]
    """
    number, unit = _extracted(texts)
    units = unit.dictionary_encode()
    factors = np.array([*(_FACTORS[each] for each in units.dictionary.to_pylist()), np.nan])
    values = number.cast(pa.float64()).to_numpy(zero_copy_only=False) * factors[units.indices.fill_null(-1).to_numpy()]
    several = pc.match_substring_regex(_whole(texts), f"^{_SEVERAL}$").fill_null(False).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(several):
        values[row] = _sum(_whole(texts)[int(row)].as_py())
    return np.asarray(values, np.float64)


def unit_behind(texts: pa.Array | pa.ChunkedArray) -> str:
    """The unit of `quantities` where most of the texts have one, "" where they have none or only what may be a label's.

    >>> unit_behind(pa.array(["18ms", "1.5s"])), unit_behind(pa.array(["5m", "1h"])), unit_behind(pa.array(["7"]))
    ('ms', '', '')
    """
    said = _extracted(texts)[1].drop_null().to_pylist()
    if not said or set(said) <= _LABELS:
        return ""
    return Counter(map(_UNIT_OF.__getitem__, said)).most_common(1)[0][0]


def _whole(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _extracted(texts: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """(n,) numbers, as text, and (n,) units; null where there is not one of each."""
    found = pc.extract_regex(_whole(texts), f"^{_ONE}$")
    return pc.struct_field(found, "number"), pc.struct_field(found, "unit")


def _sum(text: str) -> float:
    total = sum(float(number) * _DURATIONS[unit] for number, unit in _STEP.findall(text))
    return -total if text.startswith("-") else total
