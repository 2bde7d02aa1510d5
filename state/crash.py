"""What may be told of an exception that nobody foresaw: where it happened, and nothing of what it happened with."""

import traceback
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST_FRAMES = 30
"""Of each exception the innermost calls."""
MOST_CAUSES = 5


class Failed(Exception):
    """Something that failed before and is not tried again for now: what may be told of the exception of that time."""

    def __init__(self, error: BaseException) -> None:
        super().__init__("failed before, and is not tried again for now")
        self.kind, self.trace, self.place = kind_of(error), trace_of(error), place_of(error)


def trace_of(error: BaseException) -> str:
    """The calls that led to an exception, and its kind, but not its words: they may repeat an event's value, or a secret.

    >>> text = "a value"
    >>> try:
    ...     int(text)
    ... except ValueError as error:
    ...     print(trace_of(error))
    Traceback (most recent call last, without values)
      <doctest state.crash.trace_of[1]>:2 in <module>: int(text)
    ValueError
    """
    if isinstance(error, Failed):
        return error.trace
    parts = []
    for each in _with_causes(error):
        frames = traceback.extract_tb(each.__traceback__)[-MOST_FRAMES:]
        calls = (f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}{_code(frame)}" for frame in frames)
        parts.append("\n".join(("Traceback (most recent call last, without values)", *calls, kind_of(each))))
    return "\nwhich led to\n".join(reversed(parts))


def kind_of(error: BaseException) -> str:
    """The name of an exception's class."""
    return error.kind if isinstance(error, Failed) else type(error).__name__


def place_of(error: BaseException) -> str:
    """What tells one fault from another: the line that raised it, and its kind."""
    if isinstance(error, Failed):
        return error.place
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{_place(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{where} {type(error).__name__}"


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _place(filename: str) -> str:
    """Where a file is: below this product, or below where libraries are; not where on this machine that is."""
    path = Path(filename)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return path.relative_to(ROOT).as_posix()
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return path.name


def _code(frame: traceback.FrameSummary) -> str:
    return f": {frame.line}" if frame.line else ""
