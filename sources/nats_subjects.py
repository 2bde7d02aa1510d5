"""NATS subjects: levels between dots, of which `*` stands for any one, and `>` for one or more at the end."""

import re

from sources.errors import BadSettings

_LEVEL = re.compile(r"[^\s.*>\x00-\x1f\x7f]+|\*")
MOST_CHARS = 500
MOST_LEVELS = 16
"""So many levels become fields of their own at the most."""


def check_subject(subject: str) -> None:
    """Raise BadSettings beside `topic` where that is nothing that can be subscribed to."""
    if not subject.strip():
        raise BadSettings(
            "topic", "topic is empty: name the subject to watch, such as sensors.*.temperature or sensors.>"
        )
    levels = subject.split(".")
    rest = levels[:-1] if levels[-1] == ">" else levels
    if len(subject) > MOST_CHARS or not all(map(_LEVEL.fullmatch, rest)):
        raise BadSettings(
            "topic",
            f"{subject[:60]!r} is no subject: write levels with dots between them; * stands for one level, > for all that follow",
        )


def covers(pattern: str, subject: str) -> bool:
    """Whether whatever fits `subject` fits `pattern`; both may have wildcards.

    >>> covers("a.>", "a.*.b"), covers("a.*", "a.>"), covers("a.b.>", "a.>"), covers(">", "a")
    (True, False, False, True)
    """
    wide, narrow = pattern.split("."), subject.split(".")
    for at, level in enumerate(wide):
        if level == ">":
            return len(narrow) > at
        if at >= len(narrow) or narrow[at] == ">" or (level not in ("*", narrow[at])):
            return False
    return len(wide) == len(narrow)


class Levels:
    """What the wildcards of a subject stand for.

    >>> Levels("plant.*.sensor.>").of("plant.7.sensor.temp.max")
    {'topic': 'plant.7.sensor.temp.max', 'level_2': '7', 'level_4': 'temp', 'level_5': 'max'}
    """

    def __init__(self, subject: str) -> None:
        levels = subject.split(".")
        self._ones = [at for at, level in enumerate(levels) if level == "*"][:MOST_LEVELS]
        self._rest = len(levels) - 1 if levels[-1] == ">" else MOST_CHARS

    def of(self, subject: str) -> dict[str, str]:
        """The fields of a message with this subject: `topic`, and `level_N`, counted from 1."""
        levels = subject.split(".")
        places = [*self._ones, *range(self._rest, min(len(levels), self._rest + MOST_LEVELS))]
        return {"topic": subject, **{f"level_{at + 1}": levels[at] for at in places if at < len(levels)}}
