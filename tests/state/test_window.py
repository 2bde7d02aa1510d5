"""The window's bounds, against a plain list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.fields.event_time import TimeField, event_times, with_event_time
from state.segment import Segment, Span
from state.tables import times
from state.window import Window
from tests.state.feeds_by_hand import START, events


def published(values, at):
    batch = events(values, at=at)
    return with_event_time(batch.table, event_times(batch, TimeField("time"))[0])


def spans_of(segment, table):
    before = len(segment)
    segment.append(table)
    return [Span(segment, before, len(segment))]


batches = st.lists(st.lists(st.integers(0, 100), max_size=20), max_size=20)


@given(batches, st.integers(1, 50), st.integers(1, 60))
def test_window_holds_what_a_plain_list_would_under_both_bounds(ages, max_events, age_s):
    window = Window(age_s, max_events)
    segment = Segment(0)
    plain: list[int] = []
    given_events = 0
    for batch in ages:
        if not batch:
            continue
        window.extend(spans_of(segment, published([0.0] * len(batch), batch)))
        plain = (plain + batch)[-max_events:]
        given_events += len(batch)
        assert len(window) == len(plain) <= max_events
    now = 100
    window.expire((START + now) * 1_000_000)
    young = [index for index, second in enumerate(plain) if second >= now - age_s]
    plain = plain[young[0] :] if young else []
    held = [int(t // 1_000_000 - START) for table in window.tables() for t in times(table)]
    assert held == plain
    assert len(window) + window.evicted == given_events


def test_window_refers_to_the_feeds_rows_and_copies_none():
    segment = Segment(0)
    table = published([1.0, 2.0, 3.0], [0, 1, 2])
    window = Window(60, max_events=2)
    window.extend(spans_of(segment, table))
    [held] = window.tables()
    assert held["value"].chunk(0).buffers()[1].address == table["value"].chunk(0).buffers()[1].address


def test_window_gives_its_newest_slice_first():
    segment = Segment(0)
    window = Window(60)
    for second in range(3):
        window.extend(spans_of(segment, published([float(second)], [second])))
    assert [table["value"][0].as_py() for table in window.newest_first()] == [2.0, 1.0, 0.0]
    assert [table["value"][0].as_py() for table in window.tables()] == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(("age_s", "max_events"), [(0, 10), (-1, 10), (10, 0)])
def test_window_refuses_a_bound_that_leaves_no_room(age_s, max_events):
    with pytest.raises(ValueError, match="a window needs an age"):
        Window(age_s, max_events)


def test_a_window_does_not_keep_more_bytes_than_its_bound_whatever_the_feed_forgot():
    window = Window(60, max_bytes=20_000)
    for _ in range(10):
        segment = Segment(0)
        window.extend(spans_of(segment, published([0.0] * 300, [0] * 300)))
        assert sum(table.nbytes for table in window.tables()) <= 20_000
    assert len(window) + window.evicted == 3000
    assert len(window) >= 300
