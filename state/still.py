"""One frame of a board that stands still, made from what a session holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from state.board import SHORTEST_RANGE_US
from state.choice import MICROSECONDS, Choice
from state.feed import Feed
from state.filters import apply, parse_filter
from state.frame import SLOTS, Frame
from state.held import Held
from state.lens import Lens
from state.live import Reader, moves, read_lens
from state.segment import Segment, Span
from state.series import NAMELESS
from state.tables import labels, times

LEAD_US = 60 * MICROSECONDS
"""At least so much of what was before is looked at too: a counter's first increase begins before the picture does."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a board that stands still shows: whole buckets, `from_us <= event time < to_us`.

    choice  with the window, and so the bucket, that this span takes
    cut     whether the last bucket is cut short: it ends at an instant, not where the bucket does
    """

    choice: Choice
    from_us: int
    to_us: int
    cut: bool

    @property
    def lead_us(self) -> int:
        """The start of what is looked at for the sake of what is shown."""
        return self.from_us - max(LEAD_US, self.choice.buckets * self.choice.bucket_us)

    @property
    def before(self) -> tuple[int, int]:
        """The span of the same length before this one."""
        return 2 * self.from_us - self.to_us, self.from_us


def scene_at(choice: Choice, at_us: int) -> Scene:
    """The window that ends at an instant, which is part of it."""
    first = at_us // choice.bucket_us - choice.buckets + 1
    return Scene(choice, first * choice.bucket_us, at_us + 1, cut=True)


def scene_of(choice: Choice, from_us: int, to_us: int, at_us: int) -> Scene:
    """A range, rounded outwards to buckets of the finest width that keeps to the points of the choice; to the instant at the most.

    >>> scene = scene_of(Choice(points=100), 1_000_500, 3_000_500, 4_000_000)
    >>> scene.choice.bucket_us, scene.from_us, scene.to_us
    (50000, 1000000, 3050000)
    """
    to_us = min(to_us, at_us + 1)  # what is later is not shown, nor is it known to be held
    from_us = min(from_us, to_us - SHORTEST_RANGE_US)
    while True:
        choice = replace(choice, window_s=(to_us - from_us) / MICROSECONDS)
        width = choice.bucket_us
        start, end = from_us // width * width, -(-to_us // width) * width
        if (start, end) == (from_us, to_us):
            return Scene(choice, start, min(end, at_us + 1), cut=end > at_us + 1)
        from_us, to_us = start, end


def busiest(held: Held, scene: Scene) -> tuple[str, ...]:
    """The series that have a line in a scene without its filters, as `Seats` seats them: so each keeps its colour under all filters."""
    choice, counts = scene.choice, Counter[str]()
    own = [parse_filter(text) for text in choice.read.where]
    for table in held.between(scene.from_us, scene.to_us) if choice.by else ():
        for each in pc.value_counts(labels(apply(own, table), choice.by)).to_pylist():
            counts[NAMELESS if each["values"] is None else each["values"]] += each["counts"]
    return tuple(sorted(name for name, _ in counts.most_common(SLOTS)))


def still(feed: Feed, held: Held, scene: Scene, reader: Reader, seats: Sequence[str] = ()) -> Frame:
    """The frame of a scene.

    seats  names whose series sit in that order, if they are shown
    """
    lens = Lens(scene.choice, seats)
    lens.advance(scene.to_us - 1)
    events = list(spans(held.between(scene.lead_us, scene.to_us)))
    lens.update(events, history=True)
    lens.remember(events)
    span = held.span_us
    later = span is not None and span[1] >= scene.to_us
    fills = scene.cut and (later or moves(feed, scene.choice.window_s))  # else its last bucket is as full as it will be
    frame = read_lens(lens, feed, replace(reader, newest_us=held.newest_before(scene.to_us)), moves=fills)
    newest = frame.newest.filter(pa.array(times(frame.newest) >= scene.from_us)) if len(frame.newest) else frame.newest
    return replace(frame, newest=newest, standing=True, health=replace(frame.health, held=len(held)))


def spans(tables: Iterable[pa.Table]) -> Iterator[Span]:
    """Each table as a span of a segment of its own."""
    for table in tables:
        segment = Segment(0)
        segment.append(table)
        yield Span(segment, 0, len(segment))
