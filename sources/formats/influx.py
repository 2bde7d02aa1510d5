"""InfluxDB's line protocol, as Telegraf writes it: `cpu,host=a usage=1.5 1700000000000000000`, several lines a message."""

import re
from collections.abc import Sequence

from sources.formats.format import Document, Format
from sources.formats.labels import with_labels
from sources.formats.lines import lines_of

_MEASUREMENT = re.compile(r"(?!#)[^,= ]+[, ]")


def rows(message: bytes) -> list[Document]:
    """See Rows. Tags by their names, fields as measurement.field, and `time` in whole nanoseconds, where there is one.

    >>> rows(b"cpu,host=a usage=1.5 1700000000000000000")
    [{'cpu.usage': 1.5, 'time': 1700000000000000000, 'host': 'a'}]
    """
    return [_row(number, line) for number, line in enumerate(lines_of(message), 1) if not line.startswith("#")]


def fits(messages: Sequence[bytes]) -> bool:
    """Whether most begin as only a point would: other formats have comments too, and logfmt is a measurement `level=info`."""
    begun = sum(any(map(_MEASUREMENT.match, lines_of(message))) for message in messages)
    return 2 * begun > len(messages)


def _row(number: int, line: str) -> Document:
    from line_protocol_parser import LineFormatError, parse_line  # noqa: PLC0415 - few feeds need it

    try:
        point = parse_line(line)
    except (LineFormatError, UnicodeError) as error:
        raise ValueError(f"not line protocol: line {number}: {error}") from None
    row = {f"{point['measurement']}.{name}": value for name, value in point["fields"].items()}
    if point["time"] is not None:
        row["time"] = point["time"]
    return with_labels(row, point["tags"], ("time",))


FORMAT = Format("influx", "InfluxDB line protocol", rows, fits)
