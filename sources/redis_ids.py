"""Ids of stream entries, and start positions among them.

An id is `MILLISECONDS-SEQUENCE`: the server's clock when the entry was added, unless its writer chose another.
"""

import re

from sources.errors import BadSettings
from sources.start import Start, parse_start

EntryId = tuple[int, int]

ZERO: EntryId = (0, 0)
"""Before every entry."""
END: EntryId = (2**64, 0)
"""After every entry."""

FIRST_MS, END_MS = 631_152_000_000, 253_402_300_800_000
"""1990 and the year 10000: milliseconds outside of them were chosen by a writer and mean no time."""

_LAST_SEQUENCE = 2**64 - 1
_ID = re.compile(r"(\d{1,20})-(\d{1,20})|(\d{13})", re.ASCII)


def parse_id(text: str) -> EntryId:
    """The id that a text is; without a sequence it is the first of its millisecond. Raises ValueError.

    >>> parse_id("1526919030474-3"), parse_id("1526919030474")
    ((1526919030474, 3), (1526919030474, 0))
    """
    match = _ID.fullmatch(text.strip())
    parts = (int(match[1] or match[3]), int(match[2] or 0)) if match else END
    if max(parts) > _LAST_SEQUENCE:
        raise ValueError(f"{text[:40]!r} is no id of a stream entry: write one such as 1526919030474-0")
    return parts


def id_text(entry: EntryId) -> str:
    """As Redis writes it.

    >>> id_text((1526919030474, 3))
    '1526919030474-3'
    """
    return f"{entry[0]}-{entry[1]}"


def before(entry: EntryId) -> EntryId:
    """The greatest id that is less.

    >>> before((5, 1)), before((5, 0)) == (4, 2**64 - 1), before((0, 0))
    ((5, 0), True, (0, 0))
    """
    milliseconds, sequence = entry
    if sequence:
        return milliseconds, sequence - 1
    return (milliseconds - 1, _LAST_SEQUENCE) if milliseconds else ZERO


def is_time(entry: EntryId) -> bool:
    """Whether its milliseconds can be the time it was added at.

    >>> is_time((1526919030474, 3)), is_time((7, 1))
    (True, False)
    """
    return FIRST_MS <= entry[0] < END_MS


def parse_stream_start(text: str) -> Start | EntryId:
    """A start position, or the id of the first entry to read. Raises BadSettings beside `start`.

    >>> parse_stream_start("10m"), parse_stream_start("1526919030474-0")
    (Start(where='age', amount=600.0), (1526919030474, 0))
    """
    if _ID.fullmatch(text.strip()):
        try:
            return parse_id(text)
        except ValueError as error:
            raise BadSettings("start", str(error)) from None
    return parse_start(text, ", or an entry's id such as 1526919030474-0")
