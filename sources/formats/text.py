"""Any text at all, the last resort: what it says can be read, if not drawn."""

import re

from sources.formats.format import Document, Format
from sources.formats.lines import text_of

CONTROL_SHARE = 0.3
"""More control characters than that, and it is no text, whatever its encoding."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def rows(message: bytes) -> list[Document]:
    """See Rows.

    >>> rows(b"pump 3 started")
    [{'message': 'pump 3 started'}]
    """
    text = text_of(message)
    if len(_CONTROL.findall(text)) > CONTROL_SHARE * len(text):
        raise ValueError("mostly control characters, not text")
    return [{"message": text}]


FORMAT = Format("text", "plain text", rows)
