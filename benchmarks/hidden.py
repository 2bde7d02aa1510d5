"""What a tab costs that nobody sees: `python -m benchmarks.hidden --rounds 3`.

One tab of Chromium on the standard board. In each round it is shown, then hidden, then left for an empty page; what the last costs, the
feed and the browser itself, is taken off the other two. Each round one line, and at last the medians: CPU of the server and of all of the browser's processes
for each second of the tab, and how long it takes until the board is current once it is shown again.
"""

import argparse
import json
import statistics

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import Page

from benchmarks.board import PANELS, STANDARD, cpu_s
from tests.browser.board_page import FULL_PANELS, BoardPage
from tests.browser.chromium import chromium
from tests.browser.hiding import hide, seconds_until_current, show
from tests.browser.running_app import RunningApp, running_app

OPEN_S = 60.0
"""The first page waits for the server's imports."""
SETTLE_S = 6.0
"""Until the page has told, and what comes with the change is over."""


def browser_cpu_s() -> float:
    """User and system time of the browser so far."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        if "chrom" in process.name():
            times = process.cpu_times()
            total += times.user + times.system
    return total


def measured(app: RunningApp, page: Page, seconds: float) -> dict[str, float]:
    """Milliseconds of CPU a second of server and browser, once what came before has settled."""
    page.wait_for_timeout(1000 * SETTLE_S)
    server, browser = cpu_s(app.process), browser_cpu_s()
    page.wait_for_timeout(1000 * seconds)
    return {
        "server_ms_per_s": 1000 * (cpu_s(app.process) - server) / seconds,
        "browser_ms_per_s": 1000 * (browser_cpu_s() - browser) / seconds,
    }


def measure_round(app: RunningApp, page: Page, seconds: float, settings: dict[str, str]) -> dict[str, float]:
    """The figures of one round."""
    page.goto(app.link(STANDARD | settings))
    board = BoardPage(page, app.origin)
    board.wait(FULL_PANELS, list(PANELS), timeout_s=OPEN_S)
    board.wait_for_frames(3)
    shown = measured(app, page, seconds)
    hide(board)
    hidden = measured(app, page, 2 * seconds)
    show(board)
    current_s = seconds_until_current(board)
    page.goto("about:blank")
    nothing = measured(app, page, seconds)
    figures = {"current_again_s": current_s}
    for name in shown:
        figures[f"shown_{name}"] = shown[name] - nothing[name]
        figures[f"hidden_{name}"] = hidden[name] - nothing[name]
        figures[f"hidden_{name.split('_', maxsplit=1)[0]}_share"] = figures[f"hidden_{name}"] / figures[f"shown_{name}"]
    return {name: round(figure, 3) for name, figure in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30.0, help="of a shown tab; twice as many of a hidden one")
    parser.add_argument("--refresh", default="1s")
    options = parser.parse_args()
    rounds: list[dict[str, float]] = []
    with running_app() as app, chromium() as browser:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        for _ in range(options.rounds):
            rounds.append(measure_round(app, page, options.seconds, {"refresh": options.refresh}))
            print(json.dumps({"benchmark": "hidden", "refresh": options.refresh, **rounds[-1]}), flush=True)
    medians = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    print(json.dumps({"benchmark": "hidden", "refresh": options.refresh, "rounds": options.rounds, **medians}))


if __name__ == "__main__":
    main()
