"""What the standard board costs the server: `python -m benchmarks.board --viewers 1,20,100,300 [--distinct]`.

One JSON object a line on standard output, one for each number of viewers, each on a server of its own.
"""

import argparse
import asyncio
import itertools
import json
import statistics
from collections.abc import Sequence
from typing import Any

import psutil  # type: ignore[import-untyped]

from benchmarks.viewers import Tab, Viewer, all_updated, gathered, pulse
from state.choice import AGGREGATES
from tests.browser.running_app import RunningApp, running_app

PANELS = ("kpi", "series", "raw", "distribution", "events")
STANDARD = {
    "rate": "1000",
    "series": "5",
    "history": "5m",
    "window": "5m",
    "agg": "mean",
    "refresh": "1s",
    "views": ",".join(PANELS),
}
"""1,000 events/s over 5 series, seeded, and 300,000 of them held from the start."""
DISTINCT = [
    {"agg": agg, "value": value} for value, agg in itertools.product(("latency_ms", "cpu_pct", "requests"), AGGREGATES)
]
WARM_UP_S = 12.0
"""Until what comes with the opening is over. A shift of the loop takes 30 s: as many are measured, its end is counted once."""


def cpu_s(process: psutil.Process) -> float:
    """User and system time of the server so far, from the operating system."""
    times = process.cpu_times()
    return float(times.user + times.system)


def boards(app: RunningApp, viewers: int, *, distinct: bool) -> list[Viewer]:
    """So many viewers of the standard board, all with the same settings or each with its own."""
    ways = DISTINCT if distinct else [{}]
    return [Viewer(app.link(STANDARD | way), pulse) for way in itertools.islice(itertools.cycle(ways), viewers)]


async def measure(
    app: RunningApp, viewers: Sequence[Tab], seconds: float, warm_up_s: float = WARM_UP_S
) -> dict[str, Any]:
    """Figures of `seconds`, once every viewer has its board."""

    async def run() -> dict[str, Any]:
        opened_s = await all_updated(viewers)
        await asyncio.sleep(warm_up_s)
        for viewer in viewers:
            viewer.count()
        loop = asyncio.get_running_loop()
        before, began = cpu_s(app.process), loop.time()
        await asyncio.sleep(seconds)
        used, took = cpu_s(app.process) - before, loop.time() - began
        received = [viewer.received for viewer in viewers]
        updates = sum(each.updates for each in received)
        rates = [each.updates / took for each in received]
        return {
            "cpu_ms_per_viewer_update": round(1000 * used / max(1, updates), 3),
            "cpu_share_of_a_core": round(used / took, 3),
            "update_hz_slowest": round(min(rates), 3),
            "update_hz_median": round(statistics.median(rates), 3),
            "panel_hz_slowest": round(min(min(each.panels[name] for name in PANELS) for each in received) / took, 3),
            "bytes_per_update": round(sum(each.bytes for each in received) / max(1, updates)),
            "wire_bytes_per_update": round(sum(viewer.wire_bytes for viewer in viewers) / max(1, updates)),
            "messages_per_update": round(sum(each.messages for each in received) / max(1, updates), 2),
            "rss_mb": round(app.process.memory_info().rss / 1e6, 1),
            "opened_s": round(opened_s, 2),
            "measured_s": round(took, 1),
        }

    figures: dict[str, Any] = await gathered(viewers, run())
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", default="1,20,100,300", help="numbers of viewers, each measured on a fresh server")
    parser.add_argument("--distinct", action="store_true", help="each viewer has settings of its own")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    for viewers in map(int, options.viewers.split(",")):
        with running_app() as app:
            figures = asyncio.run(measure(app, boards(app, viewers, distinct=options.distinct), options.seconds))
        print(
            json.dumps({"benchmark": "board", "viewers": viewers, "distinct": options.distinct, **figures}), flush=True
        )


if __name__ == "__main__":
    main()
