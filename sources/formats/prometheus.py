"""Prometheus's text exposition: `http_requests_total{code="200"} 1027 1700000000000`, whole or any lines of it."""

import math
import re
from collections.abc import Sequence

from sources.formats.format import Document, Format
from sources.formats.labels import with_labels
from sources.formats.lines import lines_of

LINE_CHARS = 16_384
"""The longest line: the parser's time grows with its square."""

_SAMPLE = re.compile(r"(?:[A-Za-z_:][\w:]*)?\s*\{.*\}\s*\S|[A-Za-z_:][\w:]*\s+\S", re.ASCII)
_TYPE = re.compile(r"#\s+TYPE\s+(\S+)\s+(\w+)")
_TELLING = re.compile(r"# (?:TYPE|HELP|EOF|UNIT)\b|[A-Za-z_:][\w:]*\{|(?=[^\W_]*+[_:])\w*+(?::\w*+)?+ ", re.ASCII)
_SUFFIXES = ("_bucket", "_count", "_sum", "_total", "_created", "_info")


def rows(message: bytes) -> list[Document]:
    r"""See Rows. The metric is the sample's own name; `time`, where there is one, in whole milliseconds; NaN is null.

    >>> rows(b'# TYPE up gauge\nup{job="api"} 1 1700000000000')
    [{'metric': 'up', 'type': 'gauge', 'value': 1, 'time': 1700000000000, 'job': 'api'}]
    """
    types: dict[str, str] = {}
    found = []
    for number, line in enumerate(lines_of(message), 1):
        if not line.startswith("#"):
            found.append(_row(number, line, types))
        elif match := _TYPE.match(line):
            types[match[1]] = match[2]
    return found


def fits(messages: Sequence[bytes]) -> bool:
    """Whether most are written as only Prometheus would: `pump 3` alone could be anything."""
    telling = sum(any(map(_TELLING.match, lines_of(message))) for message in messages)
    return 2 * telling > len(messages)


def _row(number: int, line: str, types: dict[str, str]) -> Document:
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415 - takes 0.1 s

    # Line by line, because the parser renames counters and forgets a type at the first sample of another name.
    try:
        if len(line) > LINE_CHARS or not _SAMPLE.match(line):
            raise ValueError("no name and value, or too long")  # noqa: TRY301 - one reason a line
        [family] = text_string_to_metric_families(line)
        [sample] = family.samples
        row = {"metric": sample.name, "type": _type(sample.name, types), "value": _finite(sample.value)}
        if sample.timestamp is not None:
            row["time"] = round(float(sample.timestamp) * 1000)
    except (ValueError, IndexError, OverflowError) as error:
        raise ValueError(f"not Prometheus's text format: line {number}: {error or 'it makes no sense'}") from None
    return with_labels(row, sample.labels)


def _type(name: str, types: dict[str, str]) -> str:
    if name not in types:
        for suffix in _SUFFIXES:
            if name.endswith(suffix):
                return types.get(name.removesuffix(suffix), "unknown")
    return types.get(name, "unknown")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


FORMAT = Format("prometheus", "Prometheus text", rows, fits)
