"""A live board, from a feed's batches to what each panel shows: all of it is what pandas says of the same events."""

import math
from collections.abc import Iterator
from itertools import count

import pandas as pd
import pytest
from altair.utils.schemapi import debug_mode
from hypothesis import given
from hypothesis import strategies as st

from state.arrivals import Arrivals
from state.choice import Choice
from state.feed import Feed
from state.live import Live, Tick
from state.measure import Measure
from tests.state.feeds_by_hand import ByHand
from tests.truth import shown
from tests.truth.agree import check_card, check_panels, slack
from tests.truth.given import ASKED, FEEDS, Arrival, Step, arrivals
from tests.truth.oracle import SECOND, Asked, Truth
from views import PANELS

OVERVIEW = (Measure("load", "load"), Measure("size", "size", kind="amount"))


@pytest.fixture(autouse=True, scope="module")
def _quick_and_in_small_pieces() -> Iterator[None]:
    """A few events go through all that many would, at once; and specs are judged by tests of their own."""
    with pytest.MonkeyPatch.context() as patch, debug_mode(False):
        patch.setattr("state.segment.SEGMENT_EVENTS", 24)
        patch.setattr("state.segment.LOOSE_TABLES", 3)
        patch.setattr("state.lens.PIECE_EVENTS", 8)
        patch.setattr("state.feed.BEAT_S", (0.001, 0.001))
        patch.setattr("state.feed.GRACE_S", 0.0)
        yield


def choice_of(asked: Asked) -> Choice:
    return Choice(
        asked.value,
        asked.by,
        asked.agg,
        tuple(map(":".join, asked.where)),
        asked.window_s,
        points=asked.buckets,
        overview=OVERVIEW,
    )


def watched(feed: Feed, source: ByHand, given_batches: list[Arrival], asked: Asked) -> tuple[Tick, list[int]]:
    """The last look at a feed that gives these batches, and where the right edge stood at each."""
    now = [0.0]
    live, edges, wanted = Live(feed, choice_of(asked), clock=lambda: now[0]), [], 0
    for arrival in given_batches:
        source.give(arrival.batch)
        wanted += len(arrival.batch)
        if arrival.looks:
            with feed._news:
                assert feed._news.wait_for(lambda: feed.seen == wanted, 30)
            now[0] = arrival.clock_us / SECOND
            tick = live.tick(math.inf)
            edges.append(tick.frame.now_us)
    return tick, edges


@given(feed=FEEDS, asked=ASKED, present=st.booleans())
def test_every_panel_of_a_live_board_is_true(feed: list[Step], asked: Asked, present: bool) -> None:  # noqa: FBT001
    source = ByHand()
    one = Feed(source)
    if not present:  # a feed that is old and still: nothing has arrived for a while whenever the board looks
        one.arrivals = Arrivals(clock=count(step=10.0).__next__)
    batches, events = arrivals(feed, present=present)
    one.start()
    try:
        tick, edges = watched(one, source, batches, asked)
    finally:
        one.close()
        assert one.join(10)
    looks = [arrival.clock_us for arrival in batches if arrival.looks]
    if not present:
        looks = [int(events.loc[events["look"] <= look, "at"].max()) for look in range(len(looks))]
    assert edges == pytest.approx(pd.Series(looks).cummax().tolist(), abs=1)
    truth = Truth(asked, events, edges, fills=present)
    panels = {name: tick.make(name, panel.prepare) for name, panel in PANELS.items()}
    check_panels(truth, panels)

    tiles = shown.tiles(panels["health"])
    counted = {
        "late": truth.late,
        "early": truth.early,
        "without value": truth.valueless,
        "malformed": sum(step.malformed for step in feed),
        "lost on the way": sum(step.lost or 0 for step in feed),
        "read so far": len(events),
        "without time": 0,
        "missed": 0,
    }
    assert {name: shown.number(tiles[name]) for name in counted} == counted
    unsure = 2.0 * sum(step.lost is None for step in feed)
    assert (shown.duration(tiles["interrupted"]) if unsure else 0.0) == unsure

    if not truth.rows.empty:
        load = Truth(Asked("load", "", "mean", asked.where, asked.window_s, asked.bucket_s), events, edges)
        cards = shown.cards(panels["measures"])
        check_card(truth.card(load.course("load")), cards["load"], slack("mean"))
        size = Truth(Asked("size", "", "sum", asked.where, asked.window_s, asked.bucket_s), events, edges)
        if not size.rows.empty:
            assert cards["size"].figure == pytest.approx(float(size.rows["v"].sum()), rel=1e-3)
