"""What a piece of unquoted text stands for: a number, true or false, nothing, or itself."""

import re

_NUMBER = r"[+-]?(?:(?:0|[1-9]\d{{0,400}})(?:[{point}]\d{{0,400}})?|[{point}]\d{{1,400}})(?:[eE][+-]?\d{{1,4}})?"
_POINT = re.compile(_NUMBER.format(point="."), re.ASCII)
_POINT_OR_COMMA = re.compile(_NUMBER.format(point=".,"), re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3}){1,100},\d{1,400}", re.ASCII)
_WHOLE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3}){1,5}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_WORDS = {"": None, "na": None, "n/a": None, "null": None, "nan": None, "true": True, "false": False}


def cell(text: str, *, comma: bool = False, thousands: bool = False) -> str | float | bool | None:
    """The value of `text`; with `comma`, 1,5 is a number too, and so is 1.219,5; with `thousands`, 1.219 is a whole one.

    A number that begins with a zero, as 01234, is a code and stays text.

    >>> [cell(text) for text in ("12", "-1.5e3", "01234", "N/A", "True", "eu")]
    [12, -1500.0, '01234', None, True, 'eu']
    >>> cell("1,5", comma=True), cell("1,5")
    (1.5, '1,5')
    >>> cell("1.219,5", comma=True), cell("1.219", comma=True), cell("1.219", comma=True, thousands=True)
    (1219.5, 1.219, 1219)
    """
    if comma and (has_thousands(text) or (thousands and _WHOLE_THOUSANDS.fullmatch(text))):
        text = text.replace(".", "")
    if (_POINT_OR_COMMA if comma else _POINT).fullmatch(text):
        if _WHOLE.fullmatch(text):
            return int(text)
        value = float(text.replace(",", "."))
        return value if abs(value) != float("inf") else text
    return _WORDS.get(text.casefold(), text)


def has_thousands(text: str) -> bool:
    """Whether that is a number whose points can only be those of thousands: a comma stands behind them."""
    return _THOUSANDS.fullmatch(text) is not None
