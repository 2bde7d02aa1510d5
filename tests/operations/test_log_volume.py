"""A counterpart that is away for an hour must not fill the disk."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.errors.messages import ROOT
from tests.operations.away_feeds import SECRET, SOURCES

SECONDS = 75


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_source_whose_counterpart_is_away_logs_two_lines_a_minute_at_the_most() -> None:
    command = [sys.executable, "tests/operations/away_feeds.py", str(SECONDS)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=SECONDS + 90, check=True
    )
    assert ran.stdout == ""
    assert SECRET not in ran.stderr
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert {line["logger"] for line in lines} == {"pulseboard.feed", "pulseboard.health"}
    told = Counter((line["source"], line["event"]) for line in lines)
    kinds = {source.kind for source in SOURCES}
    assert {kind for kind, event in told if event == "feed health"} == kinds
    assert {kind for kind, event in told if event == "feed state"} == kinds
    for kind in kinds:
        assert told[kind, "feed opened"] == 1
        assert told[kind, "feed health"] <= 2
        assert told[kind, "feed state"] <= 2
