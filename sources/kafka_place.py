"""Where reading goes on in a topic after a new connection, and what that tells.

retained              begin ────────────── end
kept position     ●                                lost: begin - position
                                ●                  nothing
                                                ●  the topic has lost its newest events
"""

import time
from collections.abc import Mapping

from sources.batch import Gap

DELETED = "the topic's retention deleted events before they could be read"
CUT = "the topic has lost its newest events"
ANEW = "the topic was deleted and made anew"

Offsets = Mapping[int, int]
"""Partition → offset."""


class Place:
    """The offset of the next event of every partition, kept from one connection to the next.

    topic_id  tells a topic from another of its name; None where the broker is too old to say

    >>> place = Place({0: 5}, "T")
    >>> place.advance({0: 7}, 2)
    >>> [(gap.lost, gap.why) for gap in place.resume({0: 10, 1: 0}, {0: 20, 1: 4}, "T")]
    [(3, "the topic's retention deleted events before they could be read")]
    >>> place.offsets
    {0: 10, 1: 0}
    """

    def __init__(self, offsets: Offsets, topic_id: object) -> None:
        self.offsets = dict(offsets)
        self._topic_id = topic_id
        self._sparse = False
        self._read_at = time.time()

    def advance(self, offsets: Offsets, events: int) -> None:
        """So many events more were read, up to these offsets. A partition that was not known before begins at 0."""
        passed = sum(offset - self.offsets.get(partition, 0) for partition, offset in offsets.items())
        # Compaction and transactions leave offsets without an event: then their number says nothing of events.
        self._sparse = self._sparse or passed != events
        self.offsets |= offsets
        self._read_at = time.time()

    def resume(self, begins: Offsets, ends: Offsets, topic_id: object) -> tuple[Gap, ...]:
        """Move to where reading can go on, given what is retained now; what was lost."""
        kept = {partition: self.offsets.get(partition, 0) for partition in begins}
        beyond = any(kept[partition] > end for partition, end in ends.items())
        is_another = topic_id != self._topic_id if topic_id and self._topic_id else beyond
        if is_another:
            self.offsets, self._topic_id, self._sparse = dict(begins), topic_id, False
            return (self._gap(None, ANEW),)
        self._topic_id = topic_id or self._topic_id
        lost = sum(max(0, begin - kept[partition]) for partition, begin in begins.items())
        # What is not retained of a partition that is missing from the answer is not known: its offset stays.
        self.offsets |= {each: min(max(kept[each], begins[each]), ends[each]) for each in begins}
        deleted = (self._gap(None if self._sparse else lost, DELETED),) if lost else ()
        return (*deleted, self._gap(None, CUT)) if beyond else deleted

    def _gap(self, lost: int | None, why: str) -> Gap:
        now_us = int(time.time() * 1e6)
        return Gap(min(now_us, int(self._read_at * 1e6)), now_us, lost, why)
