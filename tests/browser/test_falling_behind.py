"""Frames that take longer than the refresh: ticks are skipped, the page says so, and says so no more once it keeps up."""

import signal
from collections.abc import Iterator

import pytest

from tests.browser.board_page import FULL_PANELS, READ_PULSE
from tests.browser.conftest import OpenBoard
from tests.browser.running_app import RunningApp, running_app
from tests.browser.slow_app import FRAME_S
from tests.browser.watching import AGE

OPEN_S = 60.0
FRAMES = 8
LATE_S = 6.0
"""What drawing may add to a frame on a busy machine."""

# When each frame appeared, how old its newest event was by then (of this feed a few milliseconds), and its number.
WATCH_PULSES = f"""() => {{
    window.pulses = [];
    let last = 0;
    const look = () => {{
        const [newest, , frame] = ({READ_PULSE})() ?? ["", "", 0];
        if (frame !== last) {{ window.pulses.push([Date.now(), Date.now() - Date.parse(newest), Number(frame)]); last = frame; }}
    }};
    window.watching = setInterval(look, 20); }}"""


@pytest.fixture(scope="module")
def app() -> Iterator[RunningApp]:
    with running_app(("tests/browser/slow_app.py", "run", "streamlit_app.py")) as app:
        yield app


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_ticks_are_skipped_not_queued_and_the_page_says_so_until_it_keeps_up(
    app: RunningApp, open_board: OpenBoard
) -> None:
    board = open_board({"refresh": "1s", "rate": "1000", "views": "kpi"})
    board.wait(FULL_PANELS, ["kpi"], timeout_s=OPEN_S)
    board.wait(f"() => ({AGE})().includes('old')")

    app.process.send_signal(signal.SIGUSR1)
    board.wait(f"() => ({AGE})().includes('instead of 1 s: a frame takes 1.6 s')", timeout_s=60)
    board.page.evaluate(WATCH_PULSES)
    board.wait(f"() => window.pulses.length > {FRAMES}", timeout_s=FRAMES * (2 + LATE_S))
    pulses = board.page.evaluate("() => { clearInterval(window.watching); return window.pulses.slice(1); }")
    elapsed_s, drawn = (pulses[-1][0] - pulses[0][0]) / 1000, pulses[-1][2] - pulses[0][2]
    assert drawn <= elapsed_s / FRAME_S + 1, (
        f"{drawn} frames in {elapsed_s:.1f} s: some were drawn that nobody waited for"
    )
    ages_s = [age_ms / 1000 for _, age_ms, _ in pulses]
    assert max(ages_s) < FRAME_S + LATE_S, f"frames show what is ever older: {ages_s}"

    app.process.send_signal(signal.SIGUSR2)
    board.wait(f"() => !({AGE})().includes('instead of')", timeout_s=60)
