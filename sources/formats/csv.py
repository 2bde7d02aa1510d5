"""CSV: cells between commas, semicolons, tabs or bars, with a header or without.

What divides the cells and what the columns are called is learnt from the first messages. A header may be the topic's first
message, as where a file is replayed line by line: it then names the cells of all later ones, and is skipped wherever it comes
again. Or each message has its own above its lines. Without one, the fields are column1, column2 …
"""

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sources.formats.cells import cell, has_thousands
from sources.formats.format import Document, Format, Rows
from sources.formats.lines import text_of

DELIMITERS = ",;\t|"

LEARNT_BYTES = 50_000
"""What is learnt, is learnt from so much of a message."""

ENOUGH_LINES = 5
"""So many lines of three or more cells of nothing but text are no coincidence."""

MOST = 0.7
"""A column in which so many cells are numbers is one of numbers."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d\d:\d\d")
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_HAS_POINT = re.compile(r"[+-]?(?:\d*\.(?!\d{3}$)\d*|\d{4,}\.\d+|0\.\d+)")
_LOOSE = re.compile(r"[,;|] ")

Record = list[str]


def rows(message: bytes) -> list[Document]:
    r"""See Rows; a message by itself.

    >>> rows(b"time;ms\n12:00;1,5\n12:01;NA")
    [{'time': '12:00', 'ms': 1.5}, {'time': '12:01', 'ms': None}]
    """
    return _Reader(_learn([message])).rows(message)


def learn(messages: Sequence[bytes]) -> Rows:
    """See Format.learn. Raises ValueError for prose with commas in it, too: to weigh it later would be to learn twice."""
    learnt = _learn(messages)
    if not _is_table(learnt):
        raise ValueError("not CSV: more like prose")
    return _Reader(learnt).rows


@dataclass(frozen=True, slots=True)
class _Learnt:
    """How messages make a table.

    header    what the cells are called, if they are
    numeric   which columns are of numbers
    data      the lines below the header
    messages  those that are of such lines throughout
    share     how much of all lines has that width
    """

    delimiter: str
    width: int
    header: Record | None
    numeric: list[bool]
    data: list[Record]
    messages: list[bytes]
    share: float


def _learn(messages: Sequence[bytes]) -> _Learnt:
    """What the messages say by the delimiter that divides them best. Raises ValueError."""
    by = {delimiter: _learn_by(messages, delimiter) for delimiter in DELIMITERS}
    found = {delimiter: each for delimiter, each in by.items() if each is not None}
    if not found:
        raise ValueError("not CSV: no two cells in a line")
    if ";" in found and "," in found and found[";"][1].share >= found[","][1].share and _has_commas(found[";"][1]):
        del found[","]
    return max(found.values(), key=lambda each: each[0])[1]


def _has_commas(learnt: _Learnt) -> bool:
    """Whether the commas between these semicolons are those of decimals, all of them."""
    cells = [each for record in learnt.data for each in record if "," in each]
    return bool(cells) and all(_is_number(each, ";") for each in cells)


def _is_table(learnt: _Learnt) -> bool:
    """Whether that is a table, as lines of prose with a comma in them are not."""
    if not learnt.data:
        return True  # nothing yet but a header
    cells = [each for record in learnt.data for each in record]
    loose = any(_LOOSE.search(text_of(message)) for message in learnt.messages)
    if not any(learnt.numeric):
        return not loose and learnt.width > 2 and len(learnt.data) >= ENOUGH_LINES  # noqa: PLR2004 - a pair is a clause
    typed = sum(_is_typed(each, learnt.delimiter) for each in cells) / len(cells)
    return not loose or typed == 1 or (typed >= 0.5 and learnt.width > 2)  # noqa: PLR2004 - the same, and half


def _learn_by(messages: Sequence[bytes], delimiter: str) -> tuple[tuple[float, float, int], _Learnt] | None:
    """What the messages say if this is the delimiter, and how well they do; None if there are no two cells."""
    read: list[tuple[bytes, list[Record]]] = []
    for message in messages:
        with contextlib.suppress(ValueError):
            read.append((message, _records(_beginning(message), delimiter)))
    records = [record for _, own in read for record in own]
    widths = Counter(map(len, records))
    if not widths:
        return None
    width = max(widths, key=lambda each: (widths[each] if each > 1 else 0, each))
    if width == 1:
        return None
    share = widths[width] / len(records)
    records = [record for record in records if len(record) == width]
    header, data = None, records
    if _is_header_alone(records) or (_is_header(records[0], delimiter) and any(_numeric(records[1:], delimiter))):
        header = records[0]
        data = [record for record in records if record != header]
    typed = sum(_is_typed(each, delimiter) for record in data for each in record) / max(1, len(data) * width)
    even = [message for message, own in read if all(len(record) == width for record in own)]
    return (round(share, 1), typed, width), _Learnt(
        delimiter, width, header, _numeric(data, delimiter), data, even, share
    )


class _Reader:
    """Reads on from where it learnt; takes up a header that comes later."""

    def __init__(self, learnt: _Learnt) -> None:
        self._learnt = learnt
        self._header = learnt.header
        self._thousands = _thousands(learnt)

    def rows(self, message: bytes) -> list[Document]:
        """See Rows."""
        delimiter = self._learnt.delimiter
        records = _records(message, delimiter)
        header = self._header
        if len(records) > 1 and _is_header(records[0], delimiter) and any(_numeric(records[1:], delimiter)):
            header = records.pop(0)
        elif header is None and self._may_name_columns(records[0]):
            header = self._header = records.pop(0)
        width = self._learnt.width if header is None else len(header)
        names = [name or f"column{number}" for number, name in enumerate(header or [""] * width, 1)]
        thousands = self._thousands if width == self._learnt.width else []
        found = []
        for record in records:
            if record == header:
                continue
            if len(record) != width:
                cells = "1 cell" if len(record) == 1 else f"{len(record)} cells"
                raise ValueError(f"a line of {cells}, where {width} were expected")
            row = {name: _value(each, delimiter) for name, each in zip(names, record, strict=True)}
            for at in thousands:
                row[names[at]] = cell(record[at], comma=True, thousands=True)
            found.append(row)
        return found

    def _may_name_columns(self, record: Record) -> bool:
        """Whether these are names: text where there have been numbers."""
        learnt = self._learnt
        return len(record) == learnt.width and any(learnt.numeric) and _is_header(record, learnt.delimiter)


def _records(message: bytes, delimiter: str) -> list[Record]:
    """The message's lines as cells. Raises ValueError."""
    text = text_of(message)
    if delimiter == "\t":
        text = message.decode("utf-8-sig")  # what is blank at an end may be an empty cell
    reader = csv.reader(
        io.StringIO(text.strip("\r\n"), newline=""),
        delimiter=delimiter,
        skipinitialspace=delimiter != "\t",
        strict=True,
    )
    try:
        return [[each.strip() for each in record] for record in reader if record]
    except csv.Error as error:
        raise ValueError(f"not CSV: {error}") from None


def _beginning(message: bytes) -> bytes:
    """The message's first lines: those tell, and all may be a million."""
    return (
        message
        if len(message) <= LEARNT_BYTES
        else message[:LEARNT_BYTES].rpartition(b"\n")[0] or message[:LEARNT_BYTES]
    )


def _value(text: str, delimiter: str) -> str | float | bool | None:
    return cell(text, comma=delimiter == ";")


def _thousands(learnt: _Learnt) -> list[int]:
    """The columns whose points are those of thousands: one says so, as 1.219,5 does, and none stands for a comma."""
    if learnt.delimiter != ";":
        return []
    columns = enumerate(zip(*learnt.data, strict=True))
    return [at for at, cells in columns if any(map(has_thousands, cells)) and not any(map(_HAS_POINT.fullmatch, cells))]


def _is_number(text: str, delimiter: str) -> bool:
    return type(_value(text, delimiter)) in (int, float)


def _is_typed(text: str, delimiter: str) -> bool:
    """Whether the cell is of a kind that a column's name is not."""
    return type(_value(text, delimiter)) is not str or _MOMENT.match(text) is not None


def _is_header(record: Record, delimiter: str) -> bool:
    names = [name for name in record if name]
    return len(set(names)) == len(names) >= max(1, len(record) - 1) and not any(
        _is_typed(name, delimiter) for name in names
    )


def _is_header_alone(records: Sequence[Record]) -> bool:
    """Whether nothing has come but three or more names, with which a file is likely to begin."""
    return len(records) == 1 and len(set(records[0])) >= 3 and all(map(_NAME.fullmatch, records[0]))  # noqa: PLR2004 - as above


def _numeric(records: Sequence[Record], delimiter: str) -> list[bool]:
    """Which columns are of numbers, in records of equal length; where lengths differ, as far as all go."""
    found = []
    for column in zip(*records, strict=False):
        cells = [each for each in column if _value(each, delimiter) is not None]
        numbers = sum(_is_number(each, delimiter) for each in cells)
        found.append(numbers > 0 and numbers >= MOST * len(cells))
    return found


FORMAT = Format("csv", "CSV", rows, learn=learn)
