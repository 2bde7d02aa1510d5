"""The standard board on ours and on its peers: `python -m benchmarks.peers --viewers 1 --rounds 3`.

The peers, in `benchmarks/boards/`, do the same work, each as its own documentation would write it. All servers are up from
the start and take turns, round by round, because on a machine of few cores they would disturb each other side by side: in
its turn a server is given its viewers, time to settle, and the seconds that are measured. One JSON object a line on
standard output, one for each contender: medians over the rounds, as `benchmarks.board` takes each, and the median of how
many times our CPU time for an update it took in the same round. Bytes are what the page decodes, without HTTP's headers.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.board import STANDARD, WARM_UP_S, measure
from benchmarks.boards.bokeh_viewer import BokehViewer
from benchmarks.boards.dash_viewer import DashViewer
from benchmarks.boards.feed import SERIES
from benchmarks.viewers import Tab, Viewer, pulse
from tests.browser.running_app import RunningApp, running_app, running_server

OURS = "ours"
CPU = "cpu_ms_per_viewer_update"


@dataclass(frozen=True)
class Contender:
    """How to start it, and a tab on it."""

    serve: Callable[[], AbstractContextManager[RunningApp]]
    viewer: Callable[[RunningApp], Tab]


def last_metric(message: ForwardMsg) -> bool:
    """Whether this is the last key figure, by which an update of a Streamlit peer is counted.

    Not the table at its end: where a fragment's run is followed by the next at once, because the server can't keep up,
    Streamlit throws away what it has not sent yet, so some tables never come though all of the work was done for them.
    """
    return message.delta.new_element.metric.label == SERIES[-1]


def streamlit_peer(script: str) -> Contender:
    """A script of `benchmarks/boards/` with Streamlit's defaults where our own config.toml has others."""
    defaults = ("--global.minCachedMessageSize=10000", "--server.enableWebsocketCompression=false")
    command = ("-m", "streamlit", "run", f"benchmarks/boards/{script}", *defaults)
    return Contender(partial(running_app, command), lambda app: Viewer(app.link(), last_metric))


@contextlib.contextmanager
def forking_server(*command: str) -> Iterator[RunningApp]:
    """A server whose only child does the work: CPU and memory are the child's."""
    with running_server(*command) as app:
        [app.process] = app.process.children()
        yield app


CONTENDERS = {
    OURS: Contender(running_app, lambda app: Viewer(app.link(STANDARD), pulse)),
    "streamlit-loop": streamlit_peer("tutorial.py"),
    "streamlit-fragment": streamlit_peer("fragment.py"),
    # As Dash's documentation deploys it, with one worker, since more would each hold the events.
    "dash": Contender(
        partial(
            forking_server,
            *("-m", "gunicorn", "--workers=1", "--threads=4", "--no-control-socket", "--bind=127.0.0.1:{port}"),
            "benchmarks.boards.dash_board:server",
        ),
        lambda app: DashViewer(app.origin),
    ),
    # Sessions that nobody watches go on computing for half a minute by default, into the turns of the others.
    "bokeh": Contender(
        partial(
            running_server,
            *("-m", "bokeh", "serve", "benchmarks/boards/bokeh_board.py", "--address=127.0.0.1", "--port={port}"),
            *("--unused-session-lifetime=3000", "--check-unused-sessions=1000"),
        ),
        lambda app: BokehViewer(f"{app.origin}/bokeh_board"),
    ),
}


def run(names: list[str], viewers: int, seconds: float, rounds: int) -> dict[str, list[dict[str, Any]]]:
    """The figures of each contender, round by round."""
    figures: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with ExitStack() as stack:
        apps = {name: stack.enter_context(CONTENDERS[name].serve()) for name in names}
        for _ in range(rounds):
            for name, app in apps.items():
                tabs = [CONTENDERS[name].viewer(app) for _ in range(viewers)]
                figures[name].append(asyncio.run(measure(app, tabs, seconds, WARM_UP_S)))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=1, help="viewers of each contender in its turn")
    parser.add_argument("--seconds", type=float, default=15.0, help="measured in each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(CONTENDERS), help="contenders, such as ours,bokeh")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := set(names) - set(CONTENDERS):
        parser.error(f"--only names {', '.join(unknown)}: choose from {', '.join(CONTENDERS)}")
    results = run(names, options.viewers, options.seconds, options.rounds)
    for name, rounds in results.items():
        figures = {figure: round(statistics.median(each[figure] for each in rounds), 3) for figure in rounds[0]}
        figures.pop("panel_hz_slowest")  # the peers' panels have no names
        if OURS in results:
            pairs = zip(rounds, results[OURS], strict=True)
            figures["cpu_ratio_to_ours"] = round(statistics.median(their[CPU] / our[CPU] for their, our in pairs), 1)
        line = {"benchmark": "peers", "contender": name, "viewers": options.viewers, "rounds": options.rounds}
        print(json.dumps(line | figures), flush=True)


if __name__ == "__main__":
    main()
