"""A live board, from a feed's batches to what each panel shows: all of it is what pandas says of the same events."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.live import Live, Tick
from tests.truth import shown
from tests.truth.agree import check_card, check_panels, slack
from tests.truth.given import ASKED, BOARDS, FEEDS, Arrival, Step, arrivals
from tests.truth.oracle import SECOND, Asked, Truth
from tests.truth.watched import Watched, choice_of, watched
from views import PANELS


def looked_at(board: Watched, batches: list[Arrival], asked: Asked) -> tuple[Tick, list[int]]:
    """The last look at a feed that gives these batches, and where the right edge stood at each."""
    now = [0.0]
    live, edges = Live(board.feed, choice_of(asked), clock=lambda: now[0]), []
    for arrival in batches:
        board.give([arrival.batch])
        if arrival.looks:
            now[0] = arrival.clock_us / SECOND
            tick = live.tick(math.inf)
            edges.append(tick.frame.now_us)
    return tick, edges


@BOARDS
@pytest.mark.timeout(600)
@given(feed=FEEDS, asked=ASKED, present=st.booleans())
def test_every_panel_of_a_live_board_is_true(feed: list[Step], asked: Asked, present: bool) -> None:  # noqa: FBT001
    batches, events = arrivals(feed, present=present)
    with watched(present=present) as board:
        tick, edges = looked_at(board, batches, asked)
    looks = [arrival.clock_us for arrival in batches if arrival.looks]
    if not present:
        looks = [int(events.loc[events["look"] <= look, "at"].max()) for look in range(len(looks))]
    assert edges == pytest.approx(pd.Series(looks).cummax().tolist(), abs=1)

    truth = Truth(asked, events, edges, fills=present)
    panels = {name: tick.make(name, panel.prepare) for name, panel in PANELS.items()}
    check_panels(truth, panels)
    check_health(truth, feed, shown.tiles(panels["health"]))
    if not truth.rows.empty:
        cards = shown.cards(panels["measures"])
        load = Truth(replace(asked, value="load", by="", agg="mean"), events, edges)
        check_card(truth.card(load.course("load")), cards["load"], slack("mean"))
        size = Truth(replace(asked, value="size", by="", agg="sum"), events, edges)
        total = size.rows["v"].sum(min_count=1)
        assert cards["size"].figure == pytest.approx(total, rel=1e-3, nan_ok=True)


def check_health(truth: Truth, feed: list[Step], tiles: dict[str, str]) -> None:
    """What was lost, late or malformed is counted."""
    counted = {
        "late": truth.late,
        "early": truth.early,
        "without value": truth.valueless,
        "malformed": sum(step.malformed for step in feed),
        "lost on the way": sum(step.lost or 0 for step in feed),
        "read so far": sum(len(step.rows) for step in feed),
        "without time": 0,
        "missed": 0,
    }
    assert {name: shown.number(tiles[name]) for name in counted} == counted
    unsure = 2.0 * sum(step.lost is None for step in feed)
    assert (shown.duration(tiles["interrupted"]) if unsure else 0.0) == unsure
