"""logfmt: `level=info msg="job done" ms=12`, one event a line."""

import re
from collections.abc import Sequence

from sources.formats.cells import cell
from sources.formats.format import Document, Format
from sources.formats.lines import lines_of

_PAIR = re.compile(
    r"""
    (?P<key> [^\s="]+ )
    (?: = (?: "(?P<quoted> (?: [^"\\] | \\. )* )" | (?P<bare> [^\s"]* ) ) )?
    (?: \s+ | $ )
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_@][\w.@/\-\[\]]*")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


def rows(message: bytes) -> list[Document]:
    r"""See Rows. A word without a value is true; text in quotes stays text.

    >>> rows(b'level=info msg="it is \\"done\\"" ms=12 cached')
    [{'level': 'info', 'msg': 'it is "done"', 'ms': 12, 'cached': True}]
    """
    return [_row(line) for line in lines_of(message)]


def fits(messages: Sequence[bytes]) -> bool:
    """Whether most are nothing but pairs, as prose with an `a=b` in it is not."""
    neat = sum(all(_is_neat(line) for line in lines_of(message)) for message in messages)
    return 2 * neat > len(messages)


def _row(line: str) -> Document:
    row: Document = {}
    pairs = position = 0
    while position < len(line):
        match = _PAIR.match(line, position)
        if match is None:
            raise ValueError(f"not logfmt: no key=value at character {position + 1}")
        position = match.end()
        quoted, bare = match["quoted"], match["bare"]
        pairs += quoted is not None or bare is not None
        if quoted is not None:
            row[match["key"]] = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), quoted)
        else:
            row[match["key"]] = True if bare is None else cell(bare)
    if not pairs:
        raise ValueError("not logfmt: no key=value in it")
    return row


def _is_neat(line: str) -> bool:
    found = list(_PAIR.finditer(line))
    valued = [match for match in found if match["quoted"] is not None or match["bare"] is not None]
    return len(valued) == len(found) and all(_NAME.fullmatch(match["key"]) for match in found)


FORMAT = Format("logfmt", "logfmt", rows, fits)
