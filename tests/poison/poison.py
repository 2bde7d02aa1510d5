"""What inputs are made of: genuine ones, and what is known to upset parsers."""

import json
import re
from collections.abc import Callable

from hypothesis import strategies as st

APART = b"\x1e"
"""Stands between the messages of one input."""

NUMBERS = (
    b"0", b"-0", b"-0.0", b"1e999", b"-1e999", b"1e-999", b"NaN", b"nan", b"Infinity", b"-inf", b"1E400", b"0x10", b"1_000",
    b"9" * 400, b"9" * 5_000, b"1." + b"3" * 5_000, b"1e" + b"9" * 20, b"9223372036854775807", b"9223372036854775808",
    b"-9223372036854775809", b"18446744073709551616", b"99999999999999999999", b"4294967296", b"2147483648", b"-1",
    b"253402300800", b"253402300800000", b"253402300800000000", b"-62135596801", b"1700000000", b"1700000000000000000",
    "٣٤".encode(), "\uff11\uff12".encode(), "²".encode(), "½".encode(), b"00012", b"+5", b"1,5", b"1.219,5", b"5m", b"1h1m1s", b"85%",
)  # fmt: skip

TIMES = (
    b"0000-01-01T00:00:00Z", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59.999999Z", b"9999-12-31T23:59:59-23:59",
    b"-001-01-01", b"2024-02-30", b"2024-13-01T00:00:00Z", b"2024-05-01T25:00:00Z", b"2024-05-01T12:00:60Z",
    b"2024-05-01T12:00:00+99:99", b"2024-05-01T12:00:00.123456789123Z", b"2024-05-01", b"2024-05-01T12:00:00Z", b"10000-01-01T00:00:00Z",
    b"01/May/0000:00:00:00 +0000", b"31/Dec/9999:23:59:59 -9999", b"01.01.0001 00:00:00", b"1677-09-21T00:12:43Z", b"2262-04-12T00:00:00Z",
    "\uff12\uff10\uff12\uff14-05-01T12:00:00Z".encode(),
)  # fmt: skip

TEXTS = (
    b"", b" ", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\\udfff\\ud800", b"\xc0\x80", b"\xf4\x90\x80\x80",
    b"\\u0000", b"\xff", b"\x80", "\u202e".encode(), "\u2028".encode(), b"\r", b"\n", b"\r\n", b"\x0b", b"\x85", b"\t", b"a" * 300,
    b"_", b"_offset", b"_time", b"_timestamp", b"_rest", b"value", b"value.", b".", b"..", b"a.b", b"time", b"timestamp", b"ts_ms", b"metric",
    b"__proto__", b"null", b"true", b"name", b"type", b"le", b"unit", b"data", b"payload", b"schema", b"id", b"{{7*7}}", b"%s", b"%00", b"/../",
    b"<script>", b"=cmd()", b"\\", b"\\\\", b'"', b"'", b"`",
)  # fmt: skip

MARKS = (
    *(bytes([each]) for each in b'{}[]()":,;=|#@\\/.-+*&?%<> \t\n\0'),
    *(APART, b'":', b"},{", b"[[", b"]]", b"{}", b"[]", b'""'),
)

LONG = (
    b"[",
    b'{"a":',
    b"(",
    b"\\",
    b'"',
    b"_",
    b"a",
    b"0",
    b" ",
    b"\t",
    b",",
    b"a,",
    b"a=1 ",
    b"a.",
    b"\n",
    b"/",
    b"1h",
    b"=",
    b":",
    b"-",
    b"\xff",
)
"""What is repeated up to MOST_REPEATED times."""

MOST_REPEATED = 20_000
LONGEST = 200_000
"""Bytes of an input."""

tokens = (
    st.sampled_from(NUMBERS)
    | st.sampled_from(TIMES)
    | st.sampled_from(TEXTS)
    | st.sampled_from(MARKS)
    | st.binary(max_size=4)
)
repeated = st.builds(
    lambda token, times: token * times,
    st.sampled_from(LONG),
    st.sampled_from((2, 9, 33, 130, 300, 1_100, 4_000, MOST_REPEATED)),
)

_ATOMS = (*NUMBERS, b"null", b"true", b"false", *(b'"' + each + b'"' for each in (*TEXTS, *TIMES, *NUMBERS)))
_NAMES = tuple(b'"' + each + b'"' for each in TEXTS)


def _object(pairs: list[tuple[bytes, bytes]]) -> bytes:
    return b"{" + b",".join(name + b":" + value for name, value in pairs) + b"}"


def documents(names: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """JSON, nearly: names twice, numbers of any length, what is no text; `names` are those that its reader looks for."""
    keys = st.sampled_from(_NAMES) | st.sampled_from(tuple(b'"' + each + b'"' for each in names) or _NAMES)
    return st.recursive(
        st.sampled_from(_ATOMS),
        lambda inner: (
            st.lists(st.tuples(keys, inner), max_size=4).map(_object)
            | st.lists(inner, max_size=4).map(lambda items: b"[" + b",".join(items) + b"]")
            | st.tuples(inner, st.sampled_from((40, 200))).map(
                lambda item: b"[" + b",".join([item[0][:200]] * item[1]) + b"]"
            )
        ),
        max_leaves=8,
    )


def names_in(seeds: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The names of the objects in these."""
    found: set[bytes] = set()
    for seed in seeds:
        found.update(re.findall(rb'"([\w.@-]{1,30})"\s*:', seed))
    return tuple(sorted(found))[:60]


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A genuine input after some accidents."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 5))):
        accident = draw(st.sampled_from(tuple(_ACCIDENTS)))
        at, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        data = _ACCIDENTS[accident](data, at, end, draw(_MORE.get(accident, tokens)))
        data = data[:LONGEST]
    return data if draw(st.integers(0, 3)) else data + APART + draw(st.sampled_from(seeds))


_ACCIDENTS: dict[str, Callable[[bytes, int, int, bytes], bytes]] = {
    "put": lambda data, at, _, token: data[:at] + token + data[at:],
    "replace": lambda data, at, end, token: data[:at] + token + data[min(end, at + 12) :],
    "number": lambda data, at, _, number: _other_number(data, at, number),
    "cut": lambda data, at, end, _: data[:at] + data[end:],
    "again": lambda data, at, end, _: data[:end] + data[at:end] * 40 + data[end:],
    "twice": lambda data, at, end, _: data[:end] + data[at:],
    "flip": lambda data, at, _, mask: data[:at] + bytes(each ^ mask[0] for each in data[at : at + 1]) + data[at + 1 :],
    "end": lambda data, at, _, __: data[:at],
    "long": lambda data, at, _, token: data[:at] + token + data[at:],
}
"""From the data, two places in it and something more."""

_MORE = {
    "number": st.sampled_from(NUMBERS) | st.sampled_from(TIMES),
    "flip": st.sampled_from([bytes([1 << bit]) for bit in range(8)]),
    "long": repeated,
}


def _other_number(data: bytes, at: int, number: bytes) -> bytes:
    """With another in the place of the first number from there on."""
    found = re.compile(rb"[-+]?\d[\d.]*").search(data, at)
    return data if found is None else data[: found.start()] + number + data[found.end() :]


def inputs(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Anything that may come where these are expected."""
    return damaged(seeds) | documents(names_in(seeds)) | st.binary(max_size=60) | repeated | damaged(seeds)


def as_json(value: object) -> bytes:
    """Its JSON, as a seed."""
    return json.dumps(value).encode()
