"""Where to begin in a stream."""

import time
from dataclasses import dataclass

from sources.errors import SourceError
from sources.redis_ids import ZERO, EntryId, before, id_text, parse_id
from sources.redis_link import Link
from sources.redis_place import Info
from sources.start import Start

PAGE = 5_000
"""So many entries are gone back over at once."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A start position, for each stream.

    at  as it was asked for: a Start, or the id of the first entry
    """

    at: Start | EntryId

    @classmethod
    def earliest(cls) -> "Beginning":
        """All there is."""
        return cls(Start("earliest"))

    @property
    def takes_long(self) -> bool:
        """Whether finding it means to go over many entries."""
        return isinstance(self.at, Start) and self.at.where == "last" and self.at.amount > PAGE

    def position(self, link: Link, key: bytes, info: Info) -> EntryId:
        """The entry after which reading begins. Raises a SourceError."""
        if not isinstance(self.at, Start):
            return before(self.at)
        match self.at.where:
            case "latest":
                return info.last
            case "earliest":
                return ZERO
            case "last":
                return ZERO if info.length <= self.at.amount else _back(link, key, int(self.at.amount), info.last)
            case "age":
                return before((max(0, int((_now_s(link) - self.at.amount) * 1000)), 0))

    def after(self, info: Info) -> int | None:
        """How many entries come after it, where that is known without looking."""
        if not isinstance(self.at, Start) or self.at.where == "age":
            return None
        return info.length if self.at.where == "earliest" else min(info.length, int(self.at.amount))


def _back(link: Link, key: bytes, number: int, last: EntryId) -> EntryId:
    """The entry before the `number` up to the last one: Redis counts none but those it sends."""
    end = id_text(last)
    oldest = ZERO
    while number > 0:
        page = link.ask("XREVRANGE", key, end, "-", "COUNT", min(PAGE, number))
        if not page:
            return ZERO
        oldest = before(parse_id(page[-1][0].decode()))
        end = id_text(oldest)
        number -= len(page)
    return oldest


def _now_s(link: Link) -> float:
    """Seconds since the epoch by the server's clock, which makes the ids; by ours if it may not be asked."""
    try:
        seconds, _ = link.ask("TIME")
    except SourceError:
        return time.time()
    return float(seconds)
