"""A query as it was written: whether it is one that reads, and where `:last` stands in it.

This is for the message beside the field. What really keeps a query from writing is that it runs as a part of another query, in a
transaction that can't write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sources.errors import BadSettings

LONGEST = 20_000
"""Characters of a query."""

LAST = ":last"

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
"""What SQLAlchemy's `text` takes for a parameter."""

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<literal>'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | (?<!\w)\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<open>/\*|['"`])
    | (?P<word>\w+)
    | (?P<sign>[;():])""",
    re.VERBOSE | re.DOTALL,
)

_READING = frozenset({"select", "with", "values", "table", "from"})

_COMPARED = re.compile(
    r"""("(?P<quoted>[^"]+)"|`(?P<ticked>[^`]+)`|(?P<bare>\w+))\s*>=?\s*(?:cast\s*\(\s*)?$""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may be asked.

    text     as SQLAlchemy's `text` wants it, with nothing in it taken for a parameter but `:last`; no semicolon at its end
    last     whether `:last` is in it: without, the query is a snapshot
    compared the column that `:last` is compared with; "" where that can't be told
    """

    text: str
    last: bool
    compared: str
    semicolon: bool
    """Whether there is one within, if only in a text."""


def read_query(text: str) -> Query:
    r"""Raise BadSettings beside `query` for what can't be one query that reads.

    >>> read_query("select * from m where id > :last -- not :first").text
    'select * from m where id > :last -- not \\:first'
    >>> read_query("select * from m where id > :last").compared
    'id'
    """
    if len(text) > LONGEST or "\0" in text:
        raise BadSettings("query", f"the query is no text of up to {LONGEST:,} characters: write a shorter one")
    code = list(_code(text))
    if not code:
        raise BadSettings("query", "the query is empty: write one, such as select * from metrics where id > :last")
    first = next((piece for _, piece in code if piece != "("), "")
    if first.lower() not in _READING:
        raise BadSettings(
            "query", f"the query begins with {first[:20]!r}: only one that reads can be asked, such as select …"
        )
    end = len(text)
    while code[-1][1] == ";":
        end = code.pop()[0]
    _check_signs(code)
    code_binds = {place for place, piece in code if piece == ":"}
    binds = [match for match in _BIND.finditer(text) if match.start() in code_binds]
    for match in binds:
        if match[1] != LAST[1:]:
            raise BadSettings(
                "query", f"the query has a parameter {match[0][:40]!r}, which nobody fills in: the only one is {LAST}"
            )
    kept = {match.start() for match in binds}
    body = text[:end]
    escaped = _BIND.sub(lambda match: match[0] if match.start() in kept else "\\" + match[0], body)
    names = [_compared(body[: match.start()]) for match in binds]
    return Query(escaped, bool(binds), next(filter(None, names), ""), ";" in body)


def _check_signs(code: list[tuple[int, str]]) -> None:
    depth = 0
    for _, piece in code:
        depth += (piece == "(") - (piece == ")")
        if piece == ";":
            raise BadSettings("query", "the query holds several statements: keep one, without a semicolon")
        if depth < 0:
            break
    if depth:
        raise BadSettings("query", "the query's parentheses don't match: close what is open, and nothing else")


def _compared(before: str) -> str:
    match = _COMPARED.search(before[-300:])
    return (match["quoted"] or match["ticked"] or match["bare"]) if match else ""


def _code(text: str) -> Iterator[tuple[int, str]]:
    """Words and signs with where they stand, without what is in comments; a text or a quoted name is one token."""
    for match in _TOKEN.finditer(text):
        if match["open"]:
            raise BadSettings("query", f"the query has an open {match[0]} that nothing closes: close it")
        if match["comment"] and "/*" in match[0][2:]:
            raise BadSettings("query", "the query has a comment within a comment: take it out")
        if not match["comment"]:
            yield match.start(), match[0]
