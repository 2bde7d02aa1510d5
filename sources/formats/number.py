"""A bare number as text in each message."""

import math
import re

from sources.formats.format import Document, Format
from sources.formats.lines import text_of

_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NOTHING = frozenset(("nan", "inf", "+inf", "-inf"))


def rows(message: bytes) -> list[Document]:
    """See Rows. NaN and infinities are null.

    >>> rows(b"21.5"), rows(b" -3")
    ([{'value': 21.5}], [{'value': -3}])
    """
    text = text_of(message)
    if text.casefold() in _NOTHING:
        return [{"value": None}]
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    value = int(text) if _WHOLE.fullmatch(text) else float(text)
    return [{"value": value if math.isfinite(value) else None}]


FORMAT = Format("number", "bare numbers", rows)
