"""The whole way: events produced to a real broker, read off the page in a real browser."""

import json
import math
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.board_page import BoardPage
from tests.browser.chromium import chromium
from tests.browser.impatient_app import IDLE_S
from tests.browser.running_app import RunningApp, running_app
from tests.browser.threads import IMPATIENT, wait_for_threads
from tests.kafka.traffic import Traffic
from views import PANELS
from views.numbers import number

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ONE_MEASURE = tuple(name for name in PANELS if name != "measures")
ONE = {"views": ",".join(ONE_MEASURE)}
"""Whatever else the feed measures, the board is of one."""

EVENTS = 200_000
RATE = 5_000
SERIES = 5
PACKET_S = 0.01

# The age of the newest event at each change of the pulse: the page's clock is the producer's.
WATCH_LATENCY = """() => {
    window.latencies = [];
    let seen = '';
    new MutationObserver(() => {
        const newest = document.querySelector('.st-key-pulse')?.innerText.match(/newest event (\\S+)/)?.[1];
        if (!newest || newest === seen) return;
        seen = newest;
        window.latencies.push(Date.now() - Date.parse(newest));
    }).observe(document.querySelector('[data-testid="stMain"]'), {subtree: true, childList: true, characterData: true}); }"""

TILE = """label => [...document.querySelectorAll('.st-key-panel-health .pb-tile')]
    .find(tile => tile.querySelector('.pb-label').innerText === label).querySelector('b').innerText"""

SHOWS_EVENTS = """count => document.querySelector('.st-key-pulse').innerText.includes(`events ${count} `)"""

HOSTILE = ("<img src=x onerror=window.pwned=1>", "$x$ and $$y$$", ":smile: :material/home:", "**b** `c` [d](e)")


@pytest.fixture(scope="module")
def app(bootstrap: str) -> Iterator[RunningApp]:
    with running_app(IMPATIENT, KAFKA_BOOTSTRAP_SERVERS=bootstrap) as app:
        yield app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def board(app: RunningApp, browser: Browser) -> Iterator[BoardPage]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    board = BoardPage(context.new_page(), app.origin)
    yield board
    context.close()
    assert board.troubles == []


def produce(traffic: Traffic, topic: str) -> None:
    """EVENTS at RATE, each stamped when it is handed over; late by no more than the machine is."""
    producer = traffic.producer({"linger.ms": 2})
    began = time.monotonic()
    for done in range(0, EVENTS, int(RATE * PACKET_S)):
        threading.Event().wait(max(0.0, began + done / RATE - time.monotonic()))
        for n in range(done, done + int(RATE * PACKET_S)):
            event = {
                "time": int(time.time() * 1000),
                "pump": f"pump-{n % SERIES}",
                "pressure_bar": round(4 + math.sin(n / RATE) + n % SERIES, 3),
                "n": n,
            }
            producer.produce(topic, json.dumps(event))
        producer.poll(0)
    assert producer.flush(30) == 0


def test_the_page_shows_every_event_within_a_fraction_of_a_second(
    app: RunningApp, board: BoardPage, traffic: Traffic, bootstrap: str
) -> None:
    topic = traffic.topic(partitions=4)
    producing = threading.Thread(target=produce, args=(traffic, topic))
    began = time.monotonic()
    producing.start()
    board.page.goto(app.link({"source": "kafka", "topic": topic, "start": "earliest", "refresh": "0.1s", **ONE}))
    board.wait_for_board(ONE_MEASURE)
    opened_s = time.monotonic() - began
    board.wait_for_frames(20)
    board.page.evaluate(WATCH_LATENCY)
    first, watched = board.pulse(), time.monotonic()
    producing.join()
    took_s = time.monotonic() - began
    frames = (board.pulse().frame - first.frame) / (time.monotonic() - watched)
    board.wait(SHOWS_EVENTS, EVENTS)
    latencies = board.page.evaluate("() => window.latencies")
    picture = Path(tempfile.mkdtemp(prefix="pulseboard-")) / "board.png"
    board.page.screenshot(path=picture, full_page=True)
    figures = {
        "events_produced": EVENTS,
        "events_shown": board.pulse().events,
        "malformed_shown": board.page.evaluate(TILE, "malformed"),
        "missed_shown": board.page.evaluate(TILE, "missed"),
        "produced_per_s": round(EVENTS / took_s),
        "open_to_board_s": round(opened_s, 2),
        "frames_per_s": round(frames, 1),
        "latency_samples": len(latencies),
        "latency_ms_p50": statistics.median(latencies),
        "latency_ms_p95": statistics.quantiles(latencies, n=20)[-1],
        "screenshot": str(picture),
    }
    print(json.dumps(figures))  # noqa: T201 - what the test is for
    assert figures["events_shown"] == EVENTS
    assert (figures["malformed_shown"], figures["missed_shown"]) == ("0", "0")
    assert len(latencies) > 50
    assert figures["latency_ms_p50"] < 200

    board.choose("Aggregate", "count")
    each = number(EVENTS // SERIES)
    board.wait(
        "expected => String([...document.querySelectorAll('.st-key-panel-breakdown .pb-number')]"
        ".map(bar => bar.innerText)) === String(expected)",
        [each] * SERIES,
    )

    ports = {int(address.rpartition(":")[2]) for address in bootstrap.split(",")}
    assert connections_to(app, ports)
    board.page.close()
    wait_for_threads(app, "feed-", 0, timeout_s=IDLE_S + 10)
    wait_for_threads(app, "kafka-", 0, timeout_s=5)
    assert not connections_to(app, ports)


def connections_to(app: RunningApp, ports: set[int]) -> list[int]:
    """The broker's ports that the app's process is connected to."""
    open_ones = app.process.net_connections("tcp")
    return [
        each.raddr.port for each in open_ones if each.raddr and each.raddr.port in ports and each.status != "TIME_WAIT"
    ]


def test_hostile_names_and_values_are_shown_as_they_are(app: RunningApp, board: BoardPage, traffic: Traffic) -> None:
    topic, now_ms = traffic.topic(), int(time.time() * 1000)
    messages = [
        {"value": json.dumps({"time": now_ms - 500 * n, f"load {HOSTILE[0]}": n, HOSTILE[1]: HOSTILE[n % 4]})}
        for n in range(400)
    ]
    traffic.produce(topic, [*messages, {"value": HOSTILE[0].encode()}])
    named = {"value": f"load {HOSTILE[0]}", "by": HOSTILE[1]}
    board.page.goto(app.link({"source": "kafka", "topic": topic, "start": "earliest", **named, **ONE}))
    board.wait_for_board(ONE_MEASURE)
    board.wait(SHOWS_EVENTS, len(messages))
    assert board.page.evaluate(TILE, "malformed").endswith("1")
    assert HOSTILE[0] in board.panel("health").inner_text()
    names = board.panel("kpi").locator(".pb-name").all_inner_texts()
    assert sorted(names) == sorted(HOSTILE)
    shown = board.panel("events").inner_text()
    for text in HOSTILE:
        assert text in shown
    plot = board.panel("series").locator("svg.marks").bounding_box()
    assert plot
    board.page.mouse.move(plot["x"] + plot["width"] * 3 / 4, plot["y"] + plot["height"] / 3)
    board.wait("() => document.querySelector('#vg-tooltip-element')?.classList.contains('visible')")
    board.wait_for_frames(2)
    assert board.page.evaluate("() => window.pwned") is None
    assert board.page.locator("img[src=x]").count() == 0
    assert board.panel("series").locator(".katex").count() == 0
    assert board.ghosts() == []


CHANGED = """text => document.querySelector('.st-key-panel-health .pb-drifts')?.innerText.includes(text)"""
MARKED = (
    """() => document.querySelectorAll('.st-key-panel-series svg.marks .mark-symbol path[stroke-dasharray]').length"""
)
SAID = """text => document.querySelector('.st-key-why-series')?.innerText.includes(text)"""


def test_a_topic_that_nobody_has_seen_is_a_board_that_says_why_and_follows_what_changes(
    app: RunningApp, board: BoardPage, traffic: Traffic
) -> None:
    """300 s of a counter that restarts, on two hosts; then a new field; then the same as CSV with a header."""
    topic, now_ms = traffic.topic(), int(time.time() * 1000)
    events = [
        {
            "at": now_ms - 300_000 + 500 * n,
            "host": "ab"[n % 2],
            "requests_total": 140 * (n // 2 % 200 + 1),
            "load": 7 * n % 13 / 3,
        }
        for n in range(600)
    ]
    traffic.produce(topic, [{"value": json.dumps(event)} for event in events])
    began = time.monotonic()
    board.page.goto(app.link({"source": "kafka", "topic": topic, "start": "earliest", "value": "requests_total"}))
    board.wait_for_board()
    board.wait(SHOWS_EVENTS, 600)
    print(json.dumps({"unseen_topic_to_board_s": round(time.monotonic() - began, 2)}))  # noqa: T201 - a figure worth reading
    board.wait(SAID, "so shown as a rate")
    board.wait(SAID, "host: ")
    # Each host counts 140 a second, whatever its restarts do.
    board.wait(
        "() => [...document.querySelectorAll('.st-key-panel-breakdown .pb-number')].every(bar => bar.innerText === '140')"
    )

    more = [event | {"at": event["at"] + 300_000, "queue": n % 5} for n, event in enumerate(events)]
    traffic.produce(topic, [{"value": json.dumps(event)} for event in more])
    board.wait(CHANGED, "queue appeared")
    board.wait(MARKED)
    lines = ["at,host,requests_total,load,queue", *(",".join(map(str, event.values())) for event in more)]
    traffic.produce(topic, [{"value": line.encode()} for line in lines])
    board.wait(CHANGED, "json → csv")
    board.wait(SHOWS_EVENTS, 1800)
    board.wait("() => document.querySelector('[data-testid=stMain]').innerText.includes('csv')")
    assert board.page.evaluate(TILE, "malformed") in ("0", "warning1")
    board.wait_until_tidy()
    assert board.ghosts() == []
