"""Whether a board left open grows: `python -m benchmarks.soak --minutes 10`.

One tab of Chromium on the standard board at a refresh of 0.1 s. Each minute one line: what the tab holds after a garbage collection
(`tab_mb`: JavaScript's heap, what the browser itself keeps there, and array buffers), its DOM nodes and listeners, and the
server's resident memory and threads. A live tab is always amid a frame, and what that takes comes and goes by tens of megabytes:
of SAMPLES looks in a row, the least is what it holds. The last line says how much grew from minute 2, when all caches are
filled, to the end.
"""

import argparse
import json
from typing import Any

from playwright.sync_api import CDPSession, Page

from benchmarks.browser import open_tab
from tests.browser.running_app import RunningApp, running_app

SETTLED_MINUTES = 2
SAMPLES = 8
SAMPLE_EVERY_MS = 370
"""No multiple of the refresh, so that each look meets another moment of it."""
GROWING = ("tab_mb", "dom_nodes", "dom_listeners", "server_rss_mb", "server_threads")


def sample(tab: CDPSession) -> dict[str, float]:
    """What the tab holds now."""
    for _ in range(2):  # the second collects what finalizers of the first let go
        tab.send("HeapProfiler.collectGarbage")
    heap, dom = tab.send("Runtime.getHeapUsage"), tab.send("Memory.getDOMCounters")
    parts = {
        "js_heap_mb": heap["usedSize"],
        "embedder_mb": heap["embedderHeapUsedSize"],
        "array_buffers_mb": heap["backingStorageSize"],
    }
    return {
        "tab_mb": megabytes(sum(parts.values())),
        **{name: megabytes(size) for name, size in parts.items()},
        "dom_nodes": dom["nodes"],
        "dom_listeners": dom["jsEventListeners"],
    }


def held(page: Page, tab: CDPSession) -> dict[str, float]:
    """The least of SAMPLES looks at the tab, one soon after the other."""
    samples = []
    for _ in range(SAMPLES):
        page.wait_for_timeout(SAMPLE_EVERY_MS)
        samples.append(sample(tab))
    return min(samples, key=lambda each: each["tab_mb"])


def server(app: RunningApp) -> dict[str, float]:
    """What its process holds now."""
    process = app.process
    return {"server_rss_mb": megabytes(process.memory_info().rss), "server_threads": process.num_threads()}


def megabytes(size: float) -> float:
    """Of a million bytes each."""
    return round(size / 1e6, 2)


def growth(settled: dict[str, float], last: dict[str, float]) -> dict[str, Any]:
    """By how many percent what may grow has grown."""
    return {f"{name}_growth_pct": round(100 * (last[name] / settled[name] - 1), 1) for name in GROWING}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=10, help=f"more than {SETTLED_MINUTES}")
    minutes = parser.parse_args().minutes
    if minutes <= SETTLED_MINUTES:
        parser.error(f"--minutes is {minutes}: growth is told from minute {SETTLED_MINUTES} on, so give more")
    samples: list[dict[str, float]] = []
    with running_app() as app, open_tab(app, {"refresh": "0.1s"}) as page:
        tab = page.context.new_cdp_session(page)
        for minute in range(1, minutes + 1):
            page.wait_for_timeout(60_000)
            samples.append(held(page, tab) | server(app))
            print(json.dumps({"benchmark": "soak", "minute": minute, **samples[-1]}), flush=True)
    changes = growth(samples[SETTLED_MINUTES - 1], samples[-1])
    print(json.dumps({"benchmark": "soak", "minutes": [SETTLED_MINUTES, minutes], **changes}), flush=True)


if __name__ == "__main__":
    main()
