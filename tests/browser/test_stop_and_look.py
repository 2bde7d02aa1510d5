"""What a paused board shows when it is touched, held against the simulated feed's events, which a test can work out anew."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sources.simulated import Simulated
from state.filters import apply, parse_filter
from tests.browser import standing
from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.standing import BARS, Span, figures, look, press, shown, simulated_events, stand
from views.numbers import number

FEED = Simulated(rate=20, seed=11, history="10m")
QUERY = {"rate": "20", "seed": "11", "history": "10m"}
ALL = "all series"
SECOND = 1_000_000


@pytest.fixture
def board(open_board: OpenBoard) -> BoardPage:
    """A paused board of the last five of ten minutes."""
    board = open_board(QUERY, timezone_id="UTC")
    board.wait_for_board()
    stand(board)
    return board


def test_every_panel_shows_what_was_dragged_over_anew_from_the_events(board: BoardPage, tmp_path: Path) -> None:
    whole = shown(board)
    assert "in the newest 1 s" in board.panel("kpi").inner_text()
    span = look(board, 0.3, 0.5)
    for edge, share in ((span.from_us, 0.3), (span.to_us, 0.5)):
        assert (edge - whole.from_us) / (whole.to_us - whole.from_us) == pytest.approx(share, abs=0.01)

    seen = shown(board)
    assert seen.from_us <= span.from_us < span.to_us <= seen.to_us
    events = simulated_events(FEED, seen)
    latency = events["latency_ms"]
    told = figures(board)
    assert told[ALL]["events"] == number(len(events))
    assert told[ALL]["mean"] == number(pc.mean(latency).as_py())
    assert (told[ALL]["min"], told[ALL]["max"]) == tuple(map(number, pc.min_max(latency).as_py().values()))
    counts = events.to_pandas()["service"].value_counts()
    assert {name: line["events"] for name, line in told.items() if name != ALL} == {
        name: number(count) for name, count in counts.items()
    }
    by_service = events.to_pandas().groupby("service")["latency_ms"].mean()
    assert board.page.evaluate(BARS) == {name: [number(mean)] for name, mean in by_service.items()}
    assert f"All {len(events):,}, newest first." in board.panel("events").inner_text()
    for name in ("heatmap", "distribution"):
        cells = standing.rows(standing.spec(board, name, tmp_path))
        assert sum(cell["n"] for cell in cells) == len(events), name

    # The time series is not that of before, magnified: its points are the means of fifths of a second.
    assert "in the newest 200 ms" in board.panel("kpi").inner_text()
    points = standing.rows(standing.spec(board, "series", tmp_path))
    bucket_us = (seen.to_us - seen.from_us) // len(points)
    assert bucket_us == SECOND // 5
    assert {point["t0"] for point in points} == {seen.from_us / 1000}
    names = standing.legend(board)
    buckets = (events["time"].cast(pa.int64()).to_numpy() - seen.from_us) // bucket_us
    expected = (
        events.append_column("bucket", pa.array(buckets))
        .to_pandas()
        .pivot_table(index="bucket", columns="service", values="latency_ms", aggfunc="mean")
    )
    drawn = pd.DataFrame([{name: point.get(f"s{slot}") for slot, name in enumerate(names)} for point in points])
    np.testing.assert_allclose(
        drawn[sorted(names)].to_numpy(float),
        expected.reindex(range(len(points)))[sorted(names)].to_numpy(float),
        rtol=1e-6,
    )


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_back_zoom_out_and_whole_window_lead_out_of_a_range(board: BoardPage) -> None:
    whole, at, drawn = shown(board), board.query()["at"], board.marks("series")
    first = look(board, 0.2, 0.6)
    second = look(board, 0.5, 0.75)
    assert first.from_us < second.from_us < second.to_us < first.to_us
    text = board.query()["range"][0]
    press(board, "Zoom out")
    wider = standing.wait_for_another_range(board, text)
    length = second.to_us - second.from_us
    assert wider.to_us - wider.from_us == pytest.approx(2 * length, rel=0.02)
    assert (wider.from_us + wider.to_us) / 2 == pytest.approx((second.from_us + second.to_us) / 2, abs=length / 50)
    for expected in (second, first):
        text = board.query()["range"][0]
        press(board, "Back")
        assert standing.wait_for_another_range(board, text) == expected
    press(board, "Whole window")
    board.wait_for_query(range=None, mode="paused")
    standing.wait_until_at_rest(board)
    assert (shown(board), board.query()["at"]) == (whole, at)
    assert board.marks("series") == drawn
    press(board, "Back")
    assert standing.wait_for_another_range(board, None) == first
    assert board.ghosts() == []


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_what_is_typed_as_from_and_to_is_looked_at_in_the_viewers_zone(open_board: OpenBoard) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    board = open_board(QUERY, timezone_id=zone.key)
    board.wait_for_board()
    stand(board)
    at = datetime.fromtimestamp(standing.at_us(board) // SECOND, UTC)
    start, end = at - timedelta(seconds=200), at - timedelta(seconds=80)

    standing.write(board, "From", f"{start.astimezone(zone):%Y-%m-%d %H:%M:%S}")
    standing.wait_for_another_range(board, None)
    text = board.query()["range"][0]
    standing.write(board, "To", end.isoformat())
    span = standing.wait_for_another_range(board, text)
    assert span == Span(us(start), us(end))
    assert shown(board, zone) == span
    assert figures(board)[ALL]["events"] == number(len(simulated_events(FEED, span)))

    # A To before From takes From along: the length stays.
    text, earlier = board.query()["range"][0], start - timedelta(seconds=60)
    standing.write(board, "To", earlier.isoformat())
    moved = standing.wait_for_another_range(board, text)
    assert moved == Span(us(earlier) - us(end) + us(start), us(earlier))
    assert figures(board)[ALL]["events"] == number(len(simulated_events(FEED, moved)))

    # Nonsense is told, and nothing moves.
    for nonsense in ("tomorrow", "25:99", "<img src=x onerror=window.pwned=1>", "$x$ **b**", "9" * 400):
        standing.write(board, "From", nonsense)
        board.page.get_by_text(f"'{nonsense[:20]}").first.wait_for()
        board.page.get_by_text("is no instant").wait_for()
        standing.wait_until_at_rest(board)
        assert standing.linked_range(board) == moved
    assert board.page.evaluate("() => window.pwned") is None
    assert board.page.locator("img[src=x]").count() == 0


def us(moment: datetime) -> int:
    return round(moment.timestamp()) * SECOND


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("end", ["0001-01-01", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_range_at_the_end_of_all_time_breaks_nothing(end: str, board: BoardPage) -> None:
    for label in ("From", "To"):
        standing.write(board, label, end)
        board.wait("() => location.search.includes('range=') || document.body.innerText.includes('is no instant')")
        standing.wait_until_at_rest(board)
    press(board, "Whole window")
    board.wait_for_query(range=None)
    board.resume()
    board.wait_for_frames(2)
    assert board.page.locator("[data-testid=stException]").count() == 0


def kept(events: pa.Table, where: list[str]) -> pa.Table:
    """The events that pass these filters."""
    return apply([parse_filter(text) for text in where], events)


def wait_for_filters(board: BoardPage, count: int) -> list[str]:
    """Wait until the link has so many filters, and the page is drawn with them."""
    board.wait("count => new URLSearchParams(location.search).getAll('where').length === count", count)
    standing.wait_until_at_rest(board)
    return board.query().get("where", [])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_legend_bar_and_cell_filter_and_chips_take_the_filters_off_again(open_board: OpenBoard) -> None:
    panels = ("series", "heatmap", "breakdown")
    board = open_board({**QUERY, "views": ",".join(panels)}, timezone_id="UTC")
    board.wait_for_board(panels)
    stand(board)
    look(board, 0.25, 0.6)
    events = simulated_events(FEED, shown(board))
    board.panel("series").locator(".role-legend-label text", has_text="payments").click()
    assert wait_for_filters(board, 1) == ["service:eq:payments"]
    assert standing.chips(board) == ["service = payments"]
    assert figures(board)[ALL]["events"] == number(len(kept(events, ["service:eq:payments"])))
    assert board.panel("series").locator(".role-legend-label text").count() == 1

    board.page.locator(".st-key-chips button:visible").click()
    assert wait_for_filters(board, 0) == []
    assert figures(board)[ALL]["events"] == number(len(events))

    board.panel("breakdown").locator("[data-pick]", has=board.page.get_by_title("login", exact=True)).click()
    assert wait_for_filters(board, 1) == ["service:eq:login"]

    told = standing.hover_over_a_cell(board)
    board.page.mouse.down()
    board.page.mouse.up()
    where = wait_for_filters(board, 3)
    assert [text.rpartition(":")[0] for text in where[1:]] == ["latency_ms:ge", "latency_ms:lt"]
    cell = simulated_events(FEED, shown(board))
    assert len(cell) < len(events) / 20
    assert figures(board)[ALL]["events"] == number(len(kept(cell, where))) == told["events"]
    assert len(standing.chips(board)) == 3
    press(board, "Back")
    assert wait_for_filters(board, 1) == ["service:eq:login"]
    assert len(simulated_events(FEED, shown(board))) == len(events)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("at", ["0001-01-01", "1970-01-01T00:00:01Z", "9999-12-31"])
def test_a_link_of_an_instant_that_nothing_is_of_breaks_nothing(at: str, open_board: OpenBoard) -> None:
    board = open_board({**QUERY, "mode": "paused", "at": at, "range": f"{at[:10]}/{at[:8]}02"})
    board.page.locator(".st-key-resume button").wait_for()
    standing.wait_until_at_rest(board)
    assert board.page.locator("[data-testid=stException]").count() == 0
    board.resume()
    board.wait_for_board()
