"""A topic on the board, recorded through the page, and played again: what stands still looks the same."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

from tests.browser import standing
from tests.browser.board_page import BoardPage
from tests.browser.chromium import chromium
from tests.browser.running_app import RunningApp, running_app
from tests.kafka.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EVENTS = 6_000
PARTITIONS = 3
PUMPS = 4
SPAN_S = 240
TRANSPORT = ["_key", "_partition", "_offset"]
HERE = ("kpi", "series", "distribution", "heatmap", "breakdown", "events")
SHOWS_EVENTS = "count => document.querySelector('.st-key-pulse')?.innerText.includes(`events ${count} `)"


@pytest.fixture(scope="module")
def app(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("recordings")
    with running_app(
        KAFKA_BOOTSTRAP_SERVERS=bootstrap, PULSEBOARD_RECORDINGS=str(folder), PULSEBOARD_ALLOW_ADHOC="1"
    ) as app:
        yield app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def opened(app: RunningApp, browser: Browser, query: Mapping[str, str]) -> BoardPage:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="UTC", accept_downloads=True)
    board = BoardPage(context.new_page(), app.origin)
    board.page.goto(app.link(query))
    return board


def messages(end_ms: int) -> list[dict[str, Any]]:
    """The last minutes of a few pumps, some messages out of order, each with its key and a header."""
    draw = np.random.default_rng(5)
    made = []
    for n in range(EVENTS):
        at_ms = end_ms - SPAN_S * 1000 + n * SPAN_S * 1000 // EVENTS - int(draw.integers(400))
        event = {"time": at_ms, "pump": f"pump-{n % PUMPS}", "pressure_bar": round(draw.normal(4 + n % PUMPS, 0.5), 3)}
        made.append(
            {
                "key": f"key-{n % 7}".encode(),
                "value": json.dumps(event).encode(),
                "partition": n % PARTITIONS,
                "headers": [("site", b"north" if n % 2 else b"south")],
            }
        )
    return made


def picture(board: BoardPage, folder: Path) -> dict[str, Any]:
    """All that a standing board says of its events."""
    events = pd.read_csv(standing.take(board, "take", "CSV", folder))
    return {
        "newest": board.pulse().newest,
        "series": standing.rows(standing.spec(board, "series", folder)),
        "legend": standing.legend(board),
        "heat map": standing.rows(standing.spec(board, "heatmap", folder)),
        "distribution": standing.rows(standing.spec(board, "distribution", folder)),
        "figures": standing.figures(board),
        "bars": board.page.evaluate(standing.BARS),
        "kpi": board.panel("kpi").inner_text(),
        "shown": standing.shown(board),
        "events": sorted(
            events[["time", "pump", "pressure_bar", *TRANSPORT, "_header.site"]].itertuples(index=False, name=None)
        ),
    }


def test_a_recorded_topic_is_played_as_the_same_board(
    app: RunningApp, browser: Browser, traffic: Traffic, tmp_path: Path
) -> None:
    topic = traffic.topic(partitions=PARTITIONS)
    end_ms = int(time.time() * 1000) - 5_000
    produced = messages(end_ms)
    traffic.produce(topic, produced)
    look = {"views": ",".join(HERE), "window": "5m"}
    board = opened(app, browser, {"source": "kafka", "topic": topic, "start": "earliest", **look})
    board.wait_for_board(HERE)
    board.wait(SHOWS_EVENTS, EVENTS)
    board.pause()
    standing.wait_until_at_rest(board)
    at = board.query()["at"][0]
    on_topic = picture(board, tmp_path)
    assert len(on_topic["events"]) == EVENTS
    assert {row[-2:] for row in on_topic["events"]} == {
        (offset, site) for offset in range(EVENTS // PARTITIONS) for site in ("north", "south")
    }
    assert sum(cell["n"] for cell in on_topic["heat map"]) == EVENTS
    standing.save(board, "the-topic", "10 min")

    replay = opened(
        app,
        browser,
        {"source": "replay", "recording": "the-topic", "speed": "max", "mode": "paused", "at": at, **look},
    )
    replay.page.locator(".st-key-statistics .pb-stats").wait_for()
    standing.wait_until_at_rest(replay)
    assert replay.pulse().events == EVENTS
    played = picture(replay, tmp_path)
    # Whether the newest bucket still fills is another matter for a topic that goes on than for a recording.
    on_topic.pop("kpi")
    for part, expected in on_topic.items():
        assert played[part] == expected, part

    # Of a part of it, too: from the events of the file as from those of the topic.
    spans = [standing.look(each, 0.4, 0.7) for each in (board, replay)]
    assert spans[0] == spans[1]
    ours, theirs = (picture(each, tmp_path) for each in (board, replay))
    assert 0 < len(ours["events"]) < EVENTS
    assert theirs == ours
    for each in (board, replay):
        each.page.context.close()
        assert each.troubles == []
    assert "Traceback" not in app.log()
