"""Keeps recording a feed into a folder of files, as a flight recorder does: the newest hours are there, however long it runs."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from sources.recording import write_recording
from sources.recordings import ENDING, FOLDER
from state.board import Board
from state.feed import Feed
from state.saving import header_of, refusal

MOST_BYTES = 500_000_000
"""A recording's oldest parts beyond so many bytes are removed."""
PART_EVENTS = 100_000
PART_S = 60.0
PART_BYTES = 64 * 1024 * 1024
"""A part is written when it has so many events, is so old, or takes so much memory: a crash loses no more."""
PULL_S = 1.0
"""Between two looks at the feed."""

_PART = re.compile(rf"(\d{{8}})-\d{{8}}T\d{{6}}Z{re.escape(ENDING)}")
_HALF = re.compile(rf"\.\d{{8}}-\d{{8}}T\d{{6}}Z{re.escape(ENDING)}\..*")

logger = logging.getLogger("pulseboard.recorder")


@dataclass(frozen=True, slots=True)
class Progress:
    """How a recording goes.

    running  whether it does
    message  why it has stopped, if not because it was asked to
    events   written since it was started
    waiting  read, and to be written with the next part
    files    parts that are there, of earlier times too
    size     bytes that they take
    missed   events that left the feed's memory before they could be read, or that could not be written
    """

    running: bool = True
    message: str = ""
    events: int = 0
    waiting: int = 0
    files: int = 0
    size: int = 0
    missed: int = 0


class Recorder:
    """Records one feed under one name, on a thread of its own, from the feed's event number `cursor` on.

    Watches the feed, so that it stays when its last viewer goes. Ends when it is asked to, when the feed has, and when the disk
    refuses; what it has read is then written, if it can be. From then on it holds nothing of the feed.
    """

    def __init__(  # noqa: PLR0913 - its bounds are settings, for tests and small disks
        self,
        feed: Feed,
        board: Board,
        name: str,
        folder: Path = FOLDER,
        *,
        cursor: int | None = None,
        most_bytes: int = MOST_BYTES,
        part_events: int = PART_EVENTS,
        part_s: float = PART_S,
        pull_s: float = PULL_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.source = feed.source
        self.name = name
        self.most_bytes = most_bytes
        self.progress = Progress()
        self._feed = feed
        self._board = board
        self._folder = folder / name
        self._cursor = feed.seen if cursor is None else cursor
        self._part_events = part_events
        self._part_s = part_s
        self._pull_s = pull_s
        self._clock = clock
        self._pending: list[pa.Table] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"record-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write what was read, and end. Safe to call twice and from any thread."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; False if it has not by then."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # What the thread does

    def _run(self) -> None:
        message = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
            message = self._record()
        except OSError as error:
            message = refusal(self._folder.parent, error)
        except Exception as error:  # the thread's last words: without them the page would say that it goes on
            logger.exception("the recording %s stopped", self.name)
            message = f"the recording stopped unexpectedly: {type(error).__name__}"
        missed = self.progress.missed + self.progress.waiting
        self.progress = replace(self.progress, running=False, message=message, waiting=0, missed=missed)
        self._pending = []
        del self._feed  # whoever remembers how it went must not keep all that the feed holds

    def _record(self) -> str:
        """Record until there is cause to end, which is returned; "" where it was asked for."""
        due = time.monotonic() + self._part_s
        while True:
            self._feed.watch(max(self._pull_s, PULL_S))
            asked, ended = self._stop.is_set(), self._ended()  # looked up before the pull that then has the last events
            self._pull()
            over = asked or bool(ended)
            everything = over or time.monotonic() >= due or sum(table.nbytes for table in self._pending) >= PART_BYTES
            self._write(everything=everything)
            if everything:
                due = time.monotonic() + self._part_s
            if over:
                return "" if asked else ended
            self._stop.wait(self._pull_s)

    def _ended(self) -> str:
        status = self._feed.status
        if status.state in ("ended", "failed"):
            return f"the feed has {status.state}: {status.message}"
        return "the feed was closed" if self._feed.join(0) else ""

    def _pull(self) -> None:
        pull = self._feed.pull(self._cursor)
        first = pull.spans[0].segment.first + pull.spans[0].start if pull.spans else pull.cursor
        missed = self.progress.missed + first - self._cursor
        self.progress = replace(self.progress, missed=missed, waiting=self.progress.waiting + pull.cursor - first)
        self._cursor = pull.cursor
        self._pending += [table for span in pull.spans for table in span.tables()]

    def _write(self, *, everything: bool) -> None:
        """Write what is pending, in parts; unless it is to be everything, what does not fill a part stays."""
        for part in list(_cut(self._pending, self._part_events)):
            events = sum(map(len, part))
            if events < self._part_events and not everything:
                break
            header = header_of(self._feed, self._board, self._clock())
            write_recording(self._folder / self._next_name(), part, header)
            self._pending = list(_without(self._pending, events))
            self._keep_to_bound()
            self.progress = replace(
                self.progress, events=self.progress.events + events, waiting=self.progress.waiting - events
            )

    def _next_name(self) -> str:
        """Numbered, so that names sort as they were written, whatever the clock does."""
        numbers = [int(match[1]) for path in self._folder.iterdir() if (match := _PART.fullmatch(path.name))]
        at = datetime.fromtimestamp(self._clock(), UTC)
        return f"{max(numbers, default=0) + 1:08}-{at:%Y%m%dT%H%M%SZ}{ENDING}"

    def _keep_to_bound(self) -> None:
        """Remove the oldest parts beyond the bound, but not the newest one; only files that are named as parts."""
        written = sorted(path for path in self._folder.iterdir() if _PART.fullmatch(path.name))
        sizes = [path.stat().st_size for path in written]
        gone = 0
        while gone < len(written) - 1 and sum(sizes[gone:]) > self.most_bytes:
            written[gone].unlink(missing_ok=True)
            gone += 1
        self.progress = replace(self.progress, files=len(written) - gone, size=sum(sizes[gone:]))

    def _tidy(self) -> None:
        """Remove what a crash left half written."""
        for path in self._folder.iterdir():
            if _HALF.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _cut(tables: list[pa.Table], events: int) -> Iterator[list[pa.Table]]:
    """The rows in order, in lists of so many rows; the last may have fewer."""
    part: list[pa.Table] = []
    room = events
    for table in tables:
        start = 0
        while start < len(table):
            piece = table.slice(start, room)
            part.append(piece)
            start += len(piece)
            room -= len(piece)
            if not room:
                yield part
                part, room = [], events
    if part:
        yield part


def _without(tables: list[pa.Table], events: int) -> Iterator[pa.Table]:
    """The rows after the first so many."""
    for table in tables:
        if events < len(table):
            yield table.slice(events)
        events = max(0, events - len(table))
