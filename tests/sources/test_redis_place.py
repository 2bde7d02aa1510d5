"""What counting in a stream tells, without a server."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.redis_ids import END, ZERO, EntryId
from sources.redis_place import ANEW, NO_STREAM, Info, Place

Step = tuple[str, int]


@dataclass
class Model:
    """A stream, entry by entry."""

    added: int = 0
    there: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        self.there += range(self.added + 1, self.added + number + 1)
        self.added += number

    def trim(self, number: int) -> None:
        del self.there[:number]

    def read(self, after: EntryId, most: int) -> list[int]:
        return [n for n in self.there if (n, 0) > after][:most]

    @property
    def info(self) -> Info:
        return Info(len(self.there), (self.there[0], 0) if self.there else END, (self.added, 0), self.added)


STEPS = st.lists(st.tuples(st.sampled_from(["add", "trim", "read", "look"]), st.integers(1, 20)), max_size=40)


@given(before=st.integers(0, 20), trimmed=st.integers(0, 20), steps=STEPS)
def test_what_was_read_and_what_was_lost_add_up_whenever_all_is_read(
    before: int, trimmed: int, steps: list[Step]
) -> None:
    stream = Model()
    stream.add(before)
    stream.trim(trimmed)
    start = stream.added - len(stream.there)
    place, lost, seen = Place.at(ZERO, stream.info), 0, 0
    for step, number in [*steps, ("read", 1_000), ("look", 1)]:
        if step == "add":
            stream.add(number)
        elif step == "trim":
            stream.trim(number)
        elif step == "read":
            found = stream.read(place.read, number)
            if found:
                place.advance((found[-1], 0), len(found))
                seen += len(found)
        else:
            gap = place.look(stream.info)
            assert gap is None or gap.lost
            lost += gap.lost or 0 if gap else 0
    assert seen + lost == stream.added - start
    assert place.waits == 0


@given(position=st.integers(0, 30), steps=STEPS)
def test_nothing_is_told_lost_where_nothing_is_trimmed(position: int, steps: list[Step]) -> None:
    stream = Model()
    stream.add(30)
    place = Place.at((position, 0), stream.info)
    for step, number in steps:
        if step == "add":
            stream.add(number)
        elif step == "read":
            found = stream.read(place.read, number)
            if found:
                place.advance((found[-1], 0), len(found))
        else:
            assert place.look(stream.info) is None
            waiting = len(stream.read(place.read, 10_000))
            assert (place.waits == 0) == (waiting == 0)


def test_where_redis_does_not_count_a_loss_may_have_been() -> None:
    place = Place.at(ZERO, Info(10, (1, 0), (10, 0), None))
    place.advance((10, 0), 10)
    assert place.look(Info(10, (1, 0), (10, 0), None)) is None
    gap = place.look(Info(5, (21, 0), (25, 0), None))
    assert gap is not None
    assert gap.lost is None
    assert "may have been trimmed" in gap.why


@pytest.mark.parametrize(
    ("info", "read"),
    [
        (Info(5, (1, 0), (5, 0), 5), ZERO),  # begun anew by ids of its own: all of it is new
        (Info(98, (1, 0), (98, 0), 98), (100, 0)),  # a replica took over that had not got the last two
        (Info(5, (101, 0), (105, 0), 5), (100, 0)),  # begun anew by the clock
    ],
)
def test_a_stream_that_went_back_is_told_and_read_without_repeating(info: Info, read: EntryId) -> None:
    place = Place.at(ZERO, Info(100, (1, 0), (100, 0), 100))
    place.advance((100, 0), 100)
    assert place.look(NO_STREAM) is None
    gap = place.look(info)
    assert gap is not None
    assert (gap.lost, gap.why) == (None, ANEW)
    assert place.read == read
    assert place.look(info) is None
