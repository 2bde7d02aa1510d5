"""When to look at a feed's messages, and what to make of it.

A topic may begin with one odd message, so its first LOOKED_AT are looked at again whenever their number has doubled. From
then on a feed is looked at only if much of it is malformed, ever more rarely while that changes nothing, and another format
takes over only if it reads clearly more.
"""

import contextlib
from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence

from sources.batch import Reading
from sources.errors import BadSettings, SourceError
from sources.formats.every import LAST_RESORT
from sources.formats.format import Format, Rows
from sources.formats.names import AUTO, check_format
from sources.formats.sniff import STRUCTURED, Finding, sniff

LOOKED_AT = 100
"""The most messages that are looked at."""

HELD_BYTES = 1_000_000
"""About the most bytes of messages that are looked at, and kept for it."""

ENOUGH = 50
"""So many messages tell that a format has changed."""

MALFORMED = 0.2
"""More than this part of the last messages malformed, and they are looked at again."""

CLEARLY = 0.1
"""Another format takes over if it reads so large a part more of them."""

FARTHEST = 100_000
"""So many messages lie between two looks at most: enough that looking costs a busy feed nothing."""


def format_named(name: str, formats: Mapping[str, Format]) -> Format:
    """The format of that name. Raises BadSettings."""
    if name in formats:
        return formats[name]
    check_format(name, registry=True)
    raise BadSettings(
        "format", f"format is {name}, which needs a schema registry: choose a connection that names its address"
    )


class Looking:
    """What has been seen of one feed's messages, and how they are read since."""

    def __init__(self, name: str, formats: Mapping[str, Format]) -> None:
        """Raise BadSettings if there is no such format."""
        self.reading: Reading | None = None
        self._asked_for = None if name == AUTO else format_named(name, formats)
        self._candidates = list(formats.values()) if self._asked_for is None else [self._asked_for]
        self._format = self._asked_for or LAST_RESORT
        self._rows = self._format.rows
        self._last: deque[tuple[bytes, bool]] = deque(maxlen=LOOKED_AT)  # with whether it was read
        self._seen = 0
        self._look_at = 1  # the number of messages seen at which to look next
        self._distance = ENOUGH  # from the next look to the one after it, if it changes nothing
        self._least = 1.0  # the least part read at any look since the format changed
        self._changes = self._asked_for is None or self._asked_for.learn is not None

    def before(self, messages: Sequence[bytes]) -> Rows:
        """What to read these messages with, the feed's next. Raises a SourceError if a format does."""
        if not messages:
            return self._rows
        if self._asked_for is not None:
            self.reading = Reading(self._asked_for.name, "asked for")
        if not self._changes or self._seen >= LOOKED_AT or self._seen + len(messages) < self._look_at:
            return self._rows
        new = ((message, True) for message in messages[: LOOKED_AT - len(self._last)])
        first = [message for message, _ in _fitting([*self._last, *new])]
        found = sniff(first, self._candidates)
        if found is None and self.reading is None:
            self.reading = Reading(self._format.name, _why(self._format, 0, len(first), "first"))
        elif found is not None:
            self._take(found, len(first), "first")
        while self._look_at <= self._seen + len(messages) and self._look_at < LOOKED_AT:
            self._look_at = min(2 * self._look_at, LOOKED_AT)
        return self._rows

    def after(self, values: Sequence[bytes | None], refused: Container[int]) -> Rows | None:
        """Note which of them were malformed; give what to read them with instead, where the format has changed."""
        places = (
            [index for index, value in enumerate(values) if value is not None] if None in values else range(len(values))
        )
        self._seen += len(places)
        self._last.extend((values[index] or b"", index not in refused) for index in places[-LOOKED_AT:])
        self._last = deque(_fitting(self._last), LOOKED_AT)
        read = sum(good for _, good in self._last)
        if not self._is_due(read):
            return None
        self._least = min(self._least, read / len(self._last))
        self._look_at = self._seen + self._distance
        self._distance = min(2 * self._distance, FARTHEST)
        messages = [message for message, _ in self._last]
        try:
            found = sniff(messages, self._candidates)
        except SourceError:
            return None  # what could not be weighed is no reason to end a feed of which some is read
        if found is None or found.read < read + CLEARLY * len(messages):
            return None
        if found.format is LAST_RESORT and self._format is not LAST_RESORT and read >= STRUCTURED * len(messages):
            return None
        self._take(found, len(messages), "last")
        self._learn_from([message for message, good in self._last if not good])
        self._last.clear()  # what the format before could not read says nothing of this one
        self._look_at, self._distance, self._least = self._seen + ENOUGH, ENOUGH, 1.0
        return self._rows

    def _is_due(self, read: int) -> bool:
        """Whether to look again, where so many of the last messages were read: not long after a look, unless it got worse."""
        count = len(self._last)
        if not self._changes or self._seen < LOOKED_AT or count < ENOUGH or count - read <= MALFORMED * count:
            return False
        return self._seen >= self._look_at or read < (self._least - CLEARLY) * count

    def _learn_from(self, messages: Sequence[bytes]) -> None:
        """What is to be learnt of a format is in the messages that have come since it took over, such as a header."""
        if self._format.learn is not None and messages:
            with contextlib.suppress(ValueError):  # then what all of them have told stays
                self._rows = self._format.learn(messages)

    def _take(self, found: Finding, count: int, which: str) -> None:
        self._format, self._rows = found.format, found.rows
        if self._asked_for is None:
            self.reading = Reading(found.format.name, _why(found.format, found.read, count, which))


def _fitting(messages: Iterable[tuple[bytes, bool]]) -> list[tuple[bytes, bool]]:
    """Those that are kept within HELD_BYTES, at least one. The largest go first: one tells no more than a small one does."""
    kept = list(messages)
    size = sum(len(message) for message, _ in kept)
    while size > HELD_BYTES and len(kept) > 1:
        largest = max(range(len(kept)), key=lambda index: len(kept[index][0]))
        size -= len(kept.pop(largest)[0])
    return kept


def _why(format_: Format, read: int, count: int, which: str) -> str:
    if count == 1:
        return f"the {which} message reads as {format_.title}" if read else f"the {which} message could not be read"
    if not read:
        return f"none of the {which} {count} messages could be read"
    return f"{read} of the {which} {count} messages read as {format_.title}"
