"""What every format ends in: from the bytes of one message to its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
"""One event: JSON-like values, also nested, and timezone-aware datetimes."""

Rows = Callable[[bytes], Sequence[Document]]
"""The events of one message, none where it holds only comments. Raises ValueError, whose text is a reason for people."""


def always(_: Sequence[bytes]) -> bool:
    """Whatever can be read is its own."""
    return True


@dataclass(frozen=True, slots=True)
class Format:
    """One way of writing events down.

    name     its name in the link
    title    its name on the page
    rows     reads one message. Of a format that needs a connection, it may raise a SourceError
    fits     whether messages that `rows` reads are likely meant so; for formats in which prose may happen to make sense
    learn    for a format that is not the same everywhere: from the messages so far (there is at least one), oldest first,
             to the function that reads on from there. Raises ValueError where nothing can be learnt, or prose is more likely
    broader  the format that reads such messages too, and less well
    """

    name: str
    title: str
    rows: Rows
    fits: Callable[[Sequence[bytes]], bool] = always
    learn: Callable[[Sequence[bytes]], Rows] | None = None
    broader: str = ""
