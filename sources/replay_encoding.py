"""Text that is not UTF-8: what older programs of Western Europe save, in Windows-1252, of which Latin-1 is the most part."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sources.replay_lines import Line

TOLD = "; lines that are not UTF-8 are read as Windows-1252"
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""That of UTF-32 begins with one of them."""


def is_utf8(text: bytes) -> bool:
    """Whether it can be read as that.

    >>> is_utf8("Köln".encode()), is_utf8("Köln".encode("latin-1"))
    (True, False)
    """
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_windows(head: bytes) -> bool:
    r"""Whether a file that begins so is likely Windows-1252: more of its lines are not UTF-8 than are and could be anything else.

    >>> is_windows("a;b\nKöln;1\n".encode("latin-1")), is_windows("a;b\nKöln;1\n".encode()), is_windows(b"a;b\n")
    (True, False, False)
    """
    if head.startswith(MARKS) or b"\0" in head:
        return False
    lines = [line for line in (head.rpartition(b"\n")[0] or head).split(b"\n") if not line.isascii()]
    return 2 * sum(map(is_utf8, lines)) < len(lines)


def from_windows(text: bytes) -> bytes:
    r"""The text as UTF-8; one that is UTF-8 stays, and so does one that is neither.

    >>> from_windows(b"K\xf6ln 3 \x80").decode(), from_windows("Köln".encode()).decode(), from_windows(b"\x81")
    ('Köln 3 €', 'Köln', b'\x81')
    """
    if text.isascii() or is_utf8(text):
        return text
    try:
        return text.decode("cp1252").encode()
    except UnicodeDecodeError:
        return text


def lines_from_windows(found: Iterable[Line]) -> Iterator[Line]:
    """The messages in UTF-8, as far as they can be."""
    for line in found:
        yield replace(line, text=from_windows(line.text))
