"""How many events a second one app process takes from Kafka with a board open: `python -m benchmarks.ingest`.

120-byte JSON messages over 4 partitions of a real broker (of `--kafka HOST:PORT`, else one of our own), read, decoded and
aggregated for a viewer of the standard five panels at a refresh of 1 s. Two lines:

sustained    `--rate` messages a second for `--seconds`, from a process of its own. Lag is what the broker holds (its end
             offsets) minus the events that a pulse counts, both when the pulse arrives: it includes what one read, one frame
             and their transport take. Its growth is the slope of a straight line through all samples. Once the producer has
             ended, what the board then lacks was malformed or lost.
catching up  `--backlog` messages in the topic before the board is opened with start=earliest: events a second between the
             first pulse that counts any and the last one before all are there.

All share one machine, so the CPU share of each is told: app, broker (if it is our own), producer, the viewer, which is this
process, and all that the machine did. With `--profile`, py-spy samples the thread that reads, and a line with its shares
follows each (see benchmarks.sampling); that slows the app down, so take the figures without it.
"""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil  # type: ignore[import-untyped]
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.board import PANELS, WARM_UP_S, cpu_s
from benchmarks.producer import Topic
from benchmarks.sampling import Sampling
from benchmarks.viewers import Viewer, all_updated, gathered, pulse
from tests.browser.running_app import RunningApp, running_app
from tests.kafka.broker import KafkaBroker

THREAD = "feed-kafka"
DRAIN_S = 20.0
"""How long the board may take to show the last events after the producer has ended."""

Samples = npt.NDArray[np.float64]
Processes = Mapping[str, psutil.Process]
Context = contextlib.AbstractContextManager[Any]


class Watched:
    """A viewer of the topic's board, and what each pulse said: when it came, the events it counted, those the broker held."""

    def __init__(self, app: RunningApp, topic: Topic, start: str) -> None:
        self.app = app
        self.topic = topic
        self._samples: list[tuple[float, int, int]] = []
        link = {"source": "kafka", "topic": topic.name, "start": start, "window": "5m", "refresh": "1s"}
        self.viewer = Viewer(app.link(link | {"views": ",".join(PANELS)}), self._completes)

    @property
    def events(self) -> int:
        """Events that the newest pulse counted."""
        return self._samples[-1][1] if self._samples else 0

    async def shows(self, events: int) -> None:
        """Wait until the board counts so many."""
        while self.events < events:
            self.viewer.updated.clear()
            await self.viewer.updated.wait()

    def clear(self) -> None:
        """Forget what was counted so far."""
        self._samples.clear()
        self.viewer.count()

    def samples(self) -> Samples:
        """(n, 3) seconds, events on the board, events at the broker."""
        return np.array(self._samples, np.float64).reshape(-1, 3)

    def _completes(self, message: ForwardMsg) -> bool:
        if not pulse(message):
            return False
        words = message.delta.new_element.markdown.body.split()
        self._samples.append((time.monotonic(), int(words[words.index("events") + 1]), self.topic.events()))
        return True


class Shares:
    """CPU share of a core that each process takes, and the whole machine, from its making to its reading."""

    def __init__(self, **processes: psutil.Process) -> None:
        self._processes = processes
        self._before = {name: cpu_s(process) for name, process in processes.items()}
        self._busy_s = _busy_s()
        self._began = time.monotonic()

    def figures(self) -> dict[str, float]:
        """By process."""
        took = time.monotonic() - self._began
        used = {name: cpu_s(process) - self._before[name] for name, process in self._processes.items()}
        used["machine"] = _busy_s() - self._busy_s
        return {f"{name}_share_of_a_core": round(seconds / took, 3) for name, seconds in used.items()}


def _busy_s() -> float:
    """Time that all cores of the machine have spent on anything so far."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait)


async def sustained(
    board: Watched, others: Processes, sampling: Context, rate: float, seconds: float
) -> dict[str, Any]:
    """Figures of a board that follows a topic written to all the time."""
    app, topic = board.app, board.topic

    async def run() -> dict[str, Any]:
        await all_updated([board.viewer])
        producer = topic.produce(int(rate * (seconds + WARM_UP_S)), rate)
        try:
            await asyncio.sleep(WARM_UP_S)
            with sampling:
                board.clear()
                shares = Shares(
                    app=app.process, viewer=psutil.Process(), producer=psutil.Process(producer.pid), **others
                )
                await asyncio.sleep(seconds)
                samples, received, cpu = board.samples(), board.viewer.received, shares.figures()
            rss_mb = app.process.memory_info().rss / 1e6
            await asyncio.to_thread(producer.wait)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(board.shows(topic.events()), DRAIN_S)
        finally:
            producer.terminate()  # if it has not ended, the viewer has failed
        return {
            **lag_figures(samples),
            "update_hz": round(received.updates / seconds, 3),
            "bytes_per_update": round(received.bytes / max(1, received.updates)),
            **cpu,
            "rss_mb": round(rss_mb, 1),
            "events_malformed_or_lost": topic.events() - board.events,
        }

    figures: dict[str, Any] = await gathered([board.viewer], run())
    return figures


def lag_figures(samples: Samples) -> dict[str, Any]:
    """What the samples say of the rates and of the lag."""
    at, shown, held = samples.T
    lag, took = held - shown, at[-1] - at[0]
    third = max(1, len(lag) // 3)
    return {
        "events_per_s_produced": round((held[-1] - held[0]) / took),
        "events_per_s": round((shown[-1] - shown[0]) / took),
        "lag_events_start": round(np.median(lag[:third])),
        "lag_events_middle": round(np.median(lag[third : 2 * third or None])),
        "lag_events_end": round(np.median(lag[-third:])),
        "lag_events_max": round(lag.max()),
        "lag_growth_events_per_s": round(np.polyfit(at - at[0], lag, 1)[0], 1),
        "measured_s": round(took, 1),
    }


async def catching_up(board: Watched, others: Processes, sampling: Context) -> dict[str, Any]:
    """Figures of a board that is opened on a topic full of events. Raises RuntimeError where they are too few to tell."""
    app, held = board.app, board.topic.events()

    async def run() -> dict[str, Any]:
        await board.shows(1)
        with sampling:
            shares = Shares(app=app.process, viewer=psutil.Process(), **others)
            await board.shows(held)
            cpu = shares.figures()
        at, shown, _ = board.samples().T
        reading = (shown > 0) & (shown < held)
        if np.count_nonzero(reading) < 3:
            raise RuntimeError(f"{held} events were read within a few updates: have more to catch up with")
        took = float(np.ptp(at[reading]))
        return {
            "events": held,
            "events_per_s": round(float(np.ptp(shown[reading])) / took),
            "measured_s": round(took, 1),
            "update_hz": round((np.count_nonzero(reading) - 1) / took, 3),
            **cpu,
            "rss_mb": round(app.process.memory_info().rss / 1e6, 1),
        }

    figures: dict[str, Any] = await gathered([board.viewer], run())
    return figures


@contextlib.contextmanager
def kafka(address: str) -> Iterator[tuple[str, Processes]]:
    """The broker's address, and its process if it is our own."""
    if address:
        yield address, {}
        return
    with KafkaBroker.start() as broker:
        java = next(child for child in psutil.Process().children() if child.name() == "java")
        yield broker.bootstrap, {"broker": java}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka", default="", metavar="HOST:PORT")
    parser.add_argument("--rate", type=float, default=70_000.0, help="events a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--backlog", type=int, default=1_000_000, help="events to catch up with")
    parser.add_argument(
        "--profile",
        choices=("running", "gil"),
        help="tell where the thread that reads spends the time in which it runs, or holds the interpreter's lock",
    )
    options = parser.parse_args()
    with kafka(options.kafka) as (bootstrap, others):
        for phase in ("sustained", "catching up"):
            topic = Topic(bootstrap)
            if phase == "catching up":
                topic.produce(options.backlog).wait()
            with running_app(KAFKA_BOOTSTRAP_SERVERS=bootstrap) as app:
                sampling = Sampling(app.process.pid, THREAD, gil=options.profile == "gil") if options.profile else None
                context = sampling or contextlib.nullcontext()
                figures = asyncio.run(
                    sustained(Watched(app, topic, "latest"), others, context, options.rate, options.seconds)
                    if phase == "sustained"
                    else catching_up(Watched(app, topic, "earliest"), others, context)
                )
            print(json.dumps({"benchmark": "ingest", "phase": phase, **figures}), flush=True)
            if sampling:
                line = {"benchmark": "ingest", "phase": phase, "profile": options.profile, **sampling.figures()}
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
