"""Whether a board's cost follows the events it holds: `python -m benchmarks.window --held 3000,300000,1000000`.

The standard board at 1,000 events/s with windows so long that they hold so many events. All draw about as many points. The
servers run side by side and are measured at the same time, so that what the machine does besides befalls all alike.
"""

import argparse
import asyncio
import contextlib
import json
from typing import Any

from benchmarks.board import STANDARD, WARM_UP_S, measure
from benchmarks.viewers import Viewer, pulse
from tests.browser.running_app import running_app

RATE = 1000


async def run(held: list[int], seconds: float) -> list[dict[str, Any]]:
    """Figures for each number of events held, one viewer each."""
    with contextlib.ExitStack() as stack:
        apps = [stack.enter_context(running_app()) for _ in held]
        links = [
            app.link(STANDARD | {"history": f"{events // RATE}s", "window": f"{events // RATE}s"})
            for app, events in zip(apps, held, strict=True)
        ]
        boards = [[Viewer(link, pulse)] for link in links]
        warm_up_s = WARM_UP_S + max(held) / 100_000
        figures: list[dict[str, Any]] = await asyncio.gather(
            *(measure(app, viewers, seconds, warm_up_s) for app, viewers in zip(apps, boards, strict=True))
        )
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", default="3000,300000,1000000", help="events held in the window")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    held = [int(text) for text in options.held.split(",")]
    results = asyncio.run(run(held, options.seconds))
    fewest = results[held.index(min(held))]["cpu_ms_per_viewer_update"]
    for events, figures in zip(held, results, strict=True):
        ratio = round(figures["cpu_ms_per_viewer_update"] / fewest, 2)
        print(json.dumps({"benchmark": "window", "held": events, "cpu_ratio_to_fewest": ratio, **figures}), flush=True)


if __name__ == "__main__":
    main()
