"""A board that stands still, from a feed's batches to what each panel and the statistics show: all of it is what pandas says."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.statistics import statistics
from state.still import LEAD_US, scene_at, scene_of
from state.viewer import Viewer
from tests.state.feeds_by_hand import START
from tests.truth import shown
from tests.truth.agree import check_drawn, check_statistics
from tests.truth.given import ASKED, BOARDS, FEEDS, Step, arrivals
from tests.truth.oracle import SECOND, Asked, Truth, rounded
from tests.truth.watched import choice_of, watched
from views import PANELS
from views import statistics as statistics_view

WHEN = st.integers(-5 * SECOND, 30 * SECOND)
"""From the newest event back, or ahead of it."""
RANGE = st.none() | st.tuples(st.integers(0, 20 * SECOND), st.integers(10_000, 20 * SECOND))
"""So long before the board's instant the range ends, and so long it is."""


@BOARDS
@pytest.mark.timeout(600)
@given(feed=FEEDS, asked=ASKED, present=st.booleans(), back_us=WHEN, span=RANGE)
def test_every_panel_of_a_board_that_stands_still_is_true(
    feed: list[Step],
    asked: Asked,
    present: bool,  # noqa: FBT001
    back_us: int,
    span: tuple[int, int] | None,
) -> None:
    batches, events = arrivals(feed, present=present)
    at_us = int(events["at"].max()) - back_us
    with watched(present=present) as board:
        board.give(arrival.batch for arrival in batches)
        viewer = Viewer(board.feed, clock=lambda: START)
        viewer.stand(at_us)
        whole = scene_at(choice_of(asked), at_us)
        scene = whole
        if span:
            end_us = at_us - span[0]
            scene = scene_of(whole.choice, end_us - span[1], end_us, at_us)
        frame = viewer.still(scene, whole)

    # What should be shown: all that is held of the span, whenever it came.
    start_us, stop_us = at_us // asked.width * asked.width - (asked.buckets - 1) * asked.width, at_us + 1
    if span:
        start_us, stop_us, asked = rounded(asked, at_us - span[0] - span[1], at_us - span[0], at_us)
    assert (scene.from_us, scene.to_us) == (start_us, stop_us)
    cut = stop_us % asked.width != 0 or not span
    there = events.assign(look=0)
    later = bool((events["at"] >= stop_us).any())
    truth = Truth(asked, there[there["at"] < stop_us], [stop_us - 1], fills=cut and (later or present))
    check_drawn(truth, {name: panel.prepare(frame) for name, panel in PANELS.items()})
    assert shown.number(shown.tiles(PANELS["health"].prepare(frame))["held"]) == len(events)

    # The statistics, beside those of the span before where that is wholly held.
    first_us, length_us = int(events["at"].min()), stop_us - start_us
    tables = viewer.held().between(scene.before[0] - LEAD_US, scene.to_us)
    held_us = min(start for start, _ in [viewer.held().span_us or (0, 0)])
    assert held_us == first_us
    found = statistics(scene.choice, tables, (scene.from_us, scene.to_us), held_us=held_us)
    before = None
    if first_us <= start_us - length_us:
        earlier = there[(there["at"] < start_us) & (there["at"] >= start_us - length_us)]
        before = spanned(asked, earlier)
    held_s = (stop_us - min(max(start_us, first_us), stop_us)) / SECOND
    text = statistics_view.payload(found, scene.choice, frame.slots).text
    check_statistics(truth, before, shown.statistics(text), held_s, length_us / SECOND)


def spanned(asked: Asked, events: pd.DataFrame) -> pd.DataFrame:
    """Those of the events that count, whatever their buckets."""
    wide = replace(asked, window_s=10_000, bucket_s=10_000)
    return Truth(wide, events, [int(events["at"].max()) if len(events) else 0]).rows
