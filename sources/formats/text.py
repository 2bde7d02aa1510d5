"""Any text at all, the last resort: what it says can be read, if not drawn."""

from sources.formats.format import Document, Format
from sources.formats.lines import text_of

CONTROL_SHARE = 0.3
"""More control characters than that, and it is no text, whatever its encoding."""

_CONTROL = bytes(each for each in (*range(32), 127) if each not in b"\t\n\r")
_MORE_CONTROL = tuple(bytes((0xC2, each)) for each in range(0x80, 0xA0))
"""Those that take two bytes in UTF-8."""


def rows(message: bytes) -> list[Document]:
    """See Rows.

    >>> rows(b"pump 3 started")
    [{'message': 'pump 3 started'}]
    """
    text = text_of(message)
    if _control(text.encode()) > CONTROL_SHARE * len(text):
        raise ValueError("mostly control characters, not text")
    return [{"message": text}]


def _control(raw: bytes) -> int:
    """How many control characters are in it. Counted without a list of them, which may be eight times as large."""
    more = sum(map(raw.count, _MORE_CONTROL)) if b"\xc2" in raw else 0
    return len(raw) - len(raw.translate(None, _CONTROL)) + more


FORMAT = Format("text", "plain text", rows)
