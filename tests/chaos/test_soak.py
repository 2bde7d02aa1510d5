"""An app that 200 viewers came to, and left, holds what it held before."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator

import pytest

from tests.browser.impatient_app import IDLE_S
from tests.browser.running_app import RunningApp, running_app
from tests.browser.threads import IMPATIENT
from tests.chaos.visitors import AT_ONCE, crowd

VIEWERS = int(os.environ.get("PULSEBOARD_SOAK_VIEWERS", "200"))
"""They come as fast as they are served, in about half a minute; 2,000 take some five."""
WARM_UP = 300
"""So many do all that there is to do many times: what is made once, and kept, is made by then."""
KEPT_S = 4
"""What Streamlit keeps a session for after its tab has gone; 120 s outside of tests."""
SETTLED_S = 5 * IDLE_S
"""Nothing less for so long: feeds and sessions have ended, and the process was tidied since, and more than once."""
GROWTH = 1.05
OF_SESSIONS = ("sockets", "descriptors")
"""What sessions alone take: when all have gone, as many are left as after the first one."""

Figures = dict[str, float]


@pytest.fixture(scope="module")
def app() -> Iterator[RunningApp]:
    with running_app((*IMPATIENT, f"--server.disconnectedSessionTTL={KEPT_S}")) as app:
        yield app


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_when_200_viewers_have_gone_the_process_holds_what_it_held(app: RunningApp) -> None:
    asyncio.run(crowd(app, 1))
    alone = left_over(app)
    asyncio.run(crowd(app, WARM_UP))
    before = left_over(app, alone) | {name: alone[name] for name in OF_SESSIONS}
    began = time.monotonic()
    updates = asyncio.run(crowd(app, VIEWERS))
    took_s = time.monotonic() - began
    amid = figures(app)
    after = left_over(app, before)
    told = {"test": "soak", "viewers": VIEWERS, "at_once": AT_ONCE, "updates": updates, "took_s": round(took_s, 1)}
    print(json.dumps(told | {"before": before, "amid": amid, "after": after}))  # noqa: T201 - for whoever runs it with -s
    grown = {name: (before[name], after[name]) for name in before if after[name] > GROWTH * before[name]}
    assert not grown, f"has grown by more than 5 %: {grown}"


def figures(app: RunningApp) -> Figures:
    """What its process holds now."""
    process = app.process
    return {
        "rss_mb": round(process.memory_info().rss / 1e6, 1),
        "threads": process.num_threads(),
        "sockets": len(process.net_connections()),
        "descriptors": process.num_fds(),
    }


def left_over(app: RunningApp, enough: Figures | None = None) -> Figures:
    """The least that it holds of each, until that is enough or has been no less for SETTLED_S."""
    least, changed = figures(app), time.monotonic()
    while time.monotonic() < changed + SETTLED_S:
        if enough and all(least[name] <= enough[name] for name in enough):
            break
        threading.Event().wait(0.5)
        now = figures(app)
        less = {name: min(least[name], now[name]) for name in least}
        if less != least:
            least, changed = less, time.monotonic()
    return least
