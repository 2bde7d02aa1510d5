"""An order that people have seen, kept as more comes to it."""

from collections.abc import Sequence


def in_kept_order(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """The names of both: those of before as they were, new ones behind the name that they follow now, none before the first.

    >>> in_kept_order(["load", "free", "used"], ["new", "used", "late", "load"])
    ['load', 'new', 'free', 'used', 'late']
    """
    if not before:
        return list(now)
    old = set(before)
    behind: dict[str, list[str]] = {}
    follows = before[0]
    for name in now:
        if name in old:
            follows = name
        else:
            behind.setdefault(follows, []).append(name)
    return [name for each in before for name in (each, *behind.get(each, ()))]
