"""The board as one page, opened in a browser that has no network."""

import datetime as dt
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from sources.batch import Note
from sources.kafka import Kafka
from sources.replay import Replay
from sources.simulated import Simulated
from state.board import Board
from tests.browser.chromium import chromium
from tests.views.sample_frames import FRAMES, HOSTILE, NOW_US, empty_frame, sample_frame
from views import PANELS
from views.exports.board import board_html
from views.numbers import DASH

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LINK = "https://boards.example/?mode=paused&at=2026-09-21T14:13:20.500Z"
ATTACKS = (
    *HOSTILE,
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "\u2028alert(1)//",
)
NOTES = tuple(Note(NOW_US - n * 1_000_000, text) for n, text in enumerate(ATTACKS, 1))


def page_of(frame, link=LINK, zone="Europe/Berlin"):
    payloads = {name: panel.prepare(frame) for name, panel in PANELS.items()}
    made_at = dt.datetime(2026, 9, 21, 15, tzinfo=dt.UTC)
    return board_html(
        frame, payloads, Board(Simulated(), tuple(PANELS)), zone=ZoneInfo(zone), made_at=made_at, link=link
    )


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page's bytes from a file, offline; any request, dialog, error or refusal fails the test."""
    contexts, troubles = [], []

    def show(data, **options):
        file = tmp_path / "board.html"
        file.write_bytes(data)
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "offline": True, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: request.url != file.as_uri() and troubles.append(request.url[:200]))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-drawn]")
        return page

    yield show
    for context in contexts:
        context.close()
    assert not troubles


@pytest.mark.parametrize("kind", FRAMES)
def test_every_frame_makes_a_page_of_a_bearable_size(kind):
    data = page_of(FRAMES[kind]())
    assert len(data) < 1_500_000
    text = data.decode()
    assert text.count("<section") == len(PANELS)
    assert text.count("</script>") == 3
    assert "Material Symbols" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def test_a_page_opens_without_a_network_and_its_charts_are_drawn(opened):
    page = opened(page_of(sample_frame()))
    assert page.locator("svg.marks, canvas.marks").count() == 4
    assert page.locator(".pb-kpi").count() > 3
    assert page.locator(".pb-table tbody tr").count() == 20


def test_a_tooltip_has_the_numbers_of_its_instant(opened):
    frame = sample_frame()
    page = opened(page_of(frame), timezone_id="Asia/Tokyo")
    page.locator("#chart-series").scroll_into_view_if_needed()
    bar = page.locator("#chart-series .mark-rect path").nth(150)
    bar.hover(force=True)
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    said = dict(
        zip(tooltip.locator("td.key").all_inner_texts(), tooltip.locator("td.value").all_inner_texts(), strict=True)
    )
    said = {name.lstrip("\u200b"): text for name, text in said.items()}
    moment = dt.datetime.strptime(f"2026 {said.pop('time')} +0900", "%Y %d %b %H:%M:%S %z")
    bucket = int(moment.timestamp() * 1e6 - frame.start_us) // frame.choice.bucket_us
    assert 140 < bucket < 160
    for slot, name in enumerate(("checkout", "search", "payments")):
        value = frame.values[bucket, slot]
        shown = said[name]
        assert shown == DASH if value != value else abs(float(shown) - value) <= 1e-4 * value  # noqa: PLR0124 - NaN


def test_no_text_of_a_feed_runs_or_becomes_markup(opened):
    frame = replace(FRAMES["hostile"](), notes=NOTES)
    page = opened(page_of(frame, link="javascript:alert(1)"))
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 3
    assert page.locator("header a").count() == 0
    shown = page.locator(".notes li").all_inner_texts()
    for note, text in zip(NOTES, shown, strict=True):
        assert " ".join(note.text.split()) in " ".join(text.split())
    page.locator("#chart-series").scroll_into_view_if_needed()
    page.locator("#chart-series .mark-rect path").nth(200).hover(force=True)
    page.locator("#vg-tooltip-element.visible").wait_for()


def test_a_script_that_got_in_would_not_run(browser, tmp_path):
    """The policy is the second wall: it refuses what the first, escaping, would have let through."""
    data = page_of(empty_frame())
    assert b"unsafe-eval" not in data
    file = tmp_path / "board.html"
    file.write_bytes(
        data.replace(
            b"</main>", b"<script>document.title='in'</script><img src=x:y onerror=document.title='in'></main>"
        )
    )
    context = browser.new_context(offline=True)
    page = context.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-drawn]")
    assert page.title().endswith("Pulseboard")
    assert [text for text in refused if "script-src" in text]
    context.close()


def test_the_head_says_what_is_shown_and_when(opened):
    frame = sample_frame()
    choice = replace(frame.choice, where=("service:ne:</dd>", "latency_ms:gt:5"))
    page = opened(page_of(replace(frame, choice=choice, notes=NOTES[-2:])))
    head = page.locator("header").inner_text()
    for text in (
        "Simulated feed", "mean latency_ms (ms) by service", "service:ne:</dd>", "latency_ms:gt:5",
        "2026-09-21 16:13:20.500 Europe/Berlin", "made", "2026-09-21 17:00:00 Europe/Berlin", LINK, "alert(1)//",
    ):  # fmt: skip
        assert text in head
    assert page.locator("header a").get_attribute("href") == LINK


@pytest.mark.parametrize(("look", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 22, 27)")])
def test_a_page_follows_the_look_of_whoever_opens_it(look, background, opened):
    page = opened(page_of(sample_frame()), color_scheme=look)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
    assert page.locator("html").get_attribute("data-drawn") == look
    other = "dark" if look == "light" else "light"
    page.emulate_media(color_scheme=other)
    page.wait_for_selector(f"html[data-drawn={other}]")
    assert page.locator("svg.marks, canvas.marks").count() == 4


def test_a_phone_shows_all_of_a_page_without_scrolling_sideways(opened):
    page = opened(page_of(sample_frame()), viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_names_the_topic_and_no_secret():
    source = Kafka("orders", bootstrap_servers="broker:9092", properties=(("sasl_password", "hunter2"),))
    frame = empty_frame()
    data = board_html(frame, {}, Board(source), zone=dt.UTC, made_at=dt.datetime.now(dt.UTC))
    assert b"Kafka" in data
    assert b"orders" in data
    assert b"hunter2" not in data


@pytest.mark.parametrize(
    ("source", "named"), [(Replay(recording="demo"), "Recording · demo"), (Simulated(), Simulated.title)]
)
def test_a_page_names_what_was_watched(source, named):
    data = board_html(sample_frame(), {}, Board(source), zone=dt.UTC, made_at=dt.datetime.now(dt.UTC)).decode()
    assert f"<dt>source</dt><dd>{named}</dd>" in data
    assert f"<title>{named} · " in data
