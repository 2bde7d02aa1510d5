"""Several JSON objects in one message, one a line."""

from collections.abc import Sequence

from sources.formats import json
from sources.formats.format import Document, Format
from sources.formats.lines import lines_of
from sources.formats.spread import joined


def rows(message: bytes) -> Sequence[Document]:
    r"""See Rows. A message that is one JSON value is read as such, however many lines it takes.

    >>> rows(b'{"a": 1}\n{"a": 2}\n')
    [{'a': 1}, {'a': 2}]
    """
    try:
        return json.rows(message)
    except ValueError as error:
        lines = lines_of(message)
        if len(lines) == 1:
            raise
        whole = error
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(json.rows(line.encode()))
        except ValueError as error:
            raise (whole if number == 1 else ValueError(f"line {number} is {error}")) from None
    return joined(found)


FORMAT = Format("ndjson", "JSON lines", rows)
