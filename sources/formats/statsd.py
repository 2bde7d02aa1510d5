"""StatsD and DogStatsD: `checkout.requests:1|c|@0.1|#region:eu`, several lines a message."""

import re
from collections.abc import Sequence
from functools import partial

from sources.formats.format import Document, Format
from sources.formats.labels import with_labels
from sources.formats.lines import lines_of
from sources.formats.spread import joined, spread

TYPES = {"c": "count", "g": "gauge", "ms": "timing", "s": "set", "h": "histogram", "d": "distribution"}

_LINE = re.compile(r"(?P<metric>[^:|\s#][^:|#\n]*):(?P<values>[^|]+)\|(?P<type>c|g|ms|s|h|d)(?P<parts>(?:\|[^|]*)*)")
_NUMBER = re.compile(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def rows(message: bytes) -> Sequence[Document]:
    """See Rows. A count is what was counted before sampling; a set's element is `member`, each of value 1.

    >>> rows(b"hits:2|c|@0.5|#region:eu,canary")
    [{'metric': 'hits', 'type': 'count', 'value': 4.0, 'region': 'eu', 'canary': True}]
    """
    return joined(_rows(number, line) for number, line in enumerate(lines_of(message), 1))


def _rows(number: int, line: str) -> Sequence[Document]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"not StatsD: line {number} is not name:value|type")
    rate, tags, more = 1.0, {}, {}
    for part in match["parts"].split("|")[1:]:
        if part.startswith("@"):
            rate = float(_number(part[1:], number))
            if not 0 < rate <= 1:
                raise ValueError(f"not StatsD: line {number} has a sample rate of {rate}")
        elif part.startswith("#"):
            tags = _tags(part[1:])
        elif part.startswith("T"):
            more["time"] = _number(part[1:], number)
    kind = TYPES[match["type"]]
    if kind == "set":
        own = [{"value": 1, "member": each} for each in match["values"].split(":")]
        return spread(
            [partial(with_labels, {"metric": match["metric"], "type": kind} | each | more, tags) for each in own]
        )
    values = [_number(each, number) for each in match["values"].split(":")]
    if kind == "count" and rate < 1:
        values = [each / rate for each in values]
    return spread(
        [partial(with_labels, {"metric": match["metric"], "type": kind, "value": each} | more, tags) for each in values]
    )


def _tags(text: str) -> Document:
    tags: Document = {}
    for tag in filter(None, text.split(",")):
        name, colon, value = tag.partition(":")
        tags[name] = value if colon else True
    return tags


def _number(text: str, number: int) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"not StatsD: line {number} has {text[:40]!r} for a number")
    return int(text) if _WHOLE.fullmatch(text) else float(text)


FORMAT = Format("statsd", "StatsD", rows)
