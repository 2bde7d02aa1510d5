"""A web server's access log: the Common Log Format, and the Combined one, which adds referer and agent."""

import re
from datetime import UTC, datetime, timedelta, timezone

from sources.formats.format import Document, Format
from sources.formats.lines import lines_of

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    rf"(\S+) (\S+) (\S+|\S.{{1,200}}?) \[([^\]]{{1,40}})\] {_QUOTED} (\d{{3}}|-) (\d{{1,18}}|-)(?: {_QUOTED} {_QUOTED}(?: (.*))?)?",
    re.ASCII,
)
_TIME = re.compile(r"(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", re.ASCII)
_REQUEST = re.compile(r"([A-Z]+) (\S+)(?: (\S+))?")
_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)  # not strptime's, which are the locale's


def rows(message: bytes) -> list[Document]:
    """See Rows; one row a line. `-` is null. A request that makes no sense stands in `path` as it came.

    >>> [row] = rows(b'10.0.0.1 - ada [01/May/2024:12:00:00 +0200] "GET /a HTTP/1.1" 200 512')
    >>> row["user"], row["time"].isoformat(), row["path"], row["status"], row["bytes"], row["ident"]
    ('ada', '2024-05-01T10:00:00+00:00', '/a', 200, 512, None)
    """
    return [_row(line) for line in lines_of(message)]


def _row(line: str) -> Document:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError('not a line of an access log: no client, [time], "request", status and bytes')
    client, ident, user, at, request, status, size, referer, agent, rest = match.groups()
    asked = _REQUEST.fullmatch(request)
    method, path, protocol = asked.groups() if asked else (None, _text(request), None)
    row = {
        "client": _text(client),
        "ident": _text(ident),
        "user": _text(user),
        "time": _time(at),
        "method": method,
        "path": path,
        "protocol": protocol,
        "status": _number(status),
        "bytes": _number(size),
    }
    if agent is not None:
        row |= {"referer": _text(referer), "agent": _text(agent)}
    return row | {"rest": rest} if rest else row


def _text(text: str) -> str | None:
    return None if text in ("-", "") else text


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


def _time(text: str) -> datetime:
    match = _TIME.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        raise ValueError(f"{text[:40]!r} is no time of an access log, such as 01/May/2024:12:00:00 +0200")
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        local = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=timezone(offset)
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"there is no such time as {text[:40]!r}") from None


FORMAT = Format("clf", "web server log", rows)
