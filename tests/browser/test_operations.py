"""Running the app: its probes answer, and an absent broker fills no disk."""

import json
import re
import subprocess
import sys
import urllib.request

import pytest

from tests.browser.conftest import OpenBoard
from tests.browser.running_app import ROOT, RunningApp
from tests.state.feeds_by_hand import until

NOBODY = "127.0.0.1:1"
"""A port that nothing listens on, and nothing can."""


def answer(app: RunningApp, path: str) -> str:
    with urllib.request.urlopen(f"{app.origin}{path}", timeout=10) as response:  # noqa: S310 - our own
        text: str = response.read().decode()
        return text


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_broker_that_is_away_is_told_to_the_probe_and_logged_once_a_minute(
    app: RunningApp, open_board: OpenBoard
) -> None:
    before = len(app.log())
    board = open_board({"source": "kafka", "topic": "away", "bootstrap_servers": NOBODY})
    board.page.get_by_test_id("stMain").get_by_text(NOBODY).first.wait_for(timeout=60_000)
    assert answer(app, "/_stcore/health") == "ok"
    metrics = answer(app, "/_stcore/metrics?families=pulseboard_feed_up").splitlines()
    [up] = [line for line in metrics if 'source="kafka"' in line]
    assert up.startswith("pulseboard_feed_up{")
    assert up.endswith('state="waiting"} 0')

    [check] = re.findall(r'^python -c "(.+)"$', (ROOT / "docs/OPERATIONS.md").read_text("utf-8"), re.MULTILINE)
    check = check.replace("http://127.0.0.1:8501", app.origin)
    assert subprocess.run([sys.executable, "-c", check], timeout=30, check=False).returncode == 1

    def lines() -> list[dict[str, object]]:
        return [json.loads(line) for line in app.log()[before:].splitlines() if '"kafka' in line]

    until(lambda: [line for line in lines() if line["event"] == "feed health" and line["state"] == "waiting"], 150)
    until(lambda: [line for line in lines() if line["event"] == "feed health"][1:], 150)
    told = [line["event"] for line in lines()]
    assert told.count("feed health") == 2
    assert told.count("feed state") <= 3
    assert len(told) <= 6
    assert [line for line in lines() if line["event"] == "feed health" and line["viewers"] == 1]
