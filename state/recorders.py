"""Who records which feed of this process: one registry for all its viewers."""

import atexit
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from sources.errors import SourceError
from sources.protocol import Source
from sources.recording import Header, read_header
from sources.recordings import ENDING, FOLDER, is_of, parts
from state.board import Board
from state.feed import Feed
from state.recorder import MOST_BYTES, Recorder
from state.saving import Instants, checked_name, refuse_where_full, save, there_already
from state.settings import kind_of, settings_in_link

MOST_AT_ONCE = 20
"""So many feeds are recorded at once: each is read for good, whoever watches."""


class Recorders:
    """Who records which feed of this process. Any thread may ask."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._all: dict[Source, Recorder] = {}
        self._saving: set[str] = set()
        self._lock = threading.Lock()
        atexit.register(self.close)

    def of(self, source: Source) -> Recorder | None:
        """The recorder of that feed, running or with its last words; None if it has not been recorded."""
        return self._all.get(source)

    def start(self, feed: Feed, board: Board, name: str, most_bytes: int = MOST_BYTES) -> Recorder:
        """Record the feed from now on; a recording of that name is continued.

        Raises ValueError for the user where the feed is being recorded, or the name is another recording's.
        """
        checked_name(name)
        with self._lock:
            running = self._running()
            if any(each.source == feed.source for each in running):
                raise ValueError("this feed is being recorded already: stop that first")
            if len(running) >= MOST_AT_ONCE:
                raise ValueError(f"{MOST_AT_ONCE} feeds are being recorded already: stop one first")
            self._refuse_taken(name)
            if not (self.folder / name).exists():
                refuse_where_full(self.folder)
            if (self.folder / f"{name}{ENDING}").exists() or not self._is_of(board, self.folder / name):
                raise ValueError(f"there is a recording {name!r} of something else: choose another name")
            recorder = self._all[feed.source] = Recorder(feed, board, name, self.folder, most_bytes=most_bytes)
            recorder.start()
            return recorder

    def save(
        self, name: str, feed: Feed, board: Board, span: Instants, *, tables: Iterable[pa.Table] | None = None
    ) -> Header:
        """See `saving.save`: into this folder, under a name that no running recording has."""
        with self._lock:
            self._refuse_taken(name)
            self._saving.add(name.lower())
        try:
            return save(name, feed, board, span, tables=tables, folder=self.folder)
        finally:
            with self._lock:
                self._saving.discard(name.lower())

    def stop(self, source: Source) -> None:
        """End the recording of that feed; its last events are written."""
        recorder = self._all.get(source)
        if recorder is not None:
            recorder.stop()

    def close(self) -> None:
        """End every recording, and wait for the last events to be written."""
        with self._lock:
            recorders = list(self._all.values())
        for each in recorders:
            each.stop()
        for each in recorders:
            each.join(10)

    def _running(self) -> list[Recorder]:
        return [each for each in self._all.values() if not each.join(0)]

    def _refuse_taken(self, name: str) -> None:
        """Raise ValueError for the user where the name is in use and the disk may not show it yet. Some disks know no capitals."""
        if any(each.name.lower() == name.lower() for each in self._running()):
            raise ValueError(f"a feed is being recorded as {name!r}: choose another name")
        if name.lower() in self._saving:
            raise ValueError(there_already(name))

    def _is_of(self, board: Board, path: Path) -> bool:
        """Whether what is there, if anything is, is of this board's feed."""
        with suppress(SourceError):
            newest = read_header(parts(path, self.folder)[-1])
            return newest is not None and is_of(newest, kind_of(board.source), settings_in_link(board.source))
        return not path.exists() or (path.is_dir() and not any(path.glob("[!.]*")))


RECORDERS = Recorders()
"""Those of this process."""
