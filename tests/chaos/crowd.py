"""People at a shared board: each second one comes and one goes, with other settings each time."""

import itertools
import threading
import time
from types import TracebackType
from typing import Self

from sources.kafka import Kafka
from state.feeds import Feeds
from state.viewer import Viewer
from tests.chaos.boards import LIVELY, NARROW, WHOLE, Board
from tests.chaos.witness import Witness

EVERY_S = 1.0
OTHERS = ({"start": "latest"}, {"start": "last 200"}, {"start": "20s"}, {"format": "json"})
"""Other settings of the same topic: each is a feed of its own."""
OTHER_LOOKS = 4
"""So many seconds one of those is open."""


class Crowd:
    """Watches the feed of `source` from a thread of its own while it is entered. Leaving raises what went wrong for it."""

    def __init__(self, feeds: Feeds, source: Kafka) -> None:
        self.feeds = feeds
        self.source = source
        self.witness = Witness(feeds.feed(source))
        self.narrow = Board(feeds, source, NARROW)
        self.whole = [Board(feeds, source, choice) for choice in WHOLE]
        self.joined = 0
        self.others: list[Witness] = []
        """Who watched the feeds of other settings."""
        self._lively = itertools.cycle([Board(feeds, source, choice) for choice in LIVELY])
        self._next_whole = itertools.cycle(self.whole)
        self._settings = itertools.cycle(OTHERS)
        self._failure: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crowd")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def _run(self) -> None:
        try:
            began = time.monotonic()
            while not self._stop.wait(max(0.0, began + self.joined * EVERY_S - time.monotonic())):
                self._look()
        except BaseException as failure:  # noqa: BLE001 - raised again where the test is
            self._failure = failure
        finally:
            self._leave_other()

    def _look(self) -> None:
        feed = self.witness.feed
        assert self.feeds.feed(self.source) is feed, "the feed that everybody watches was opened anew"
        feed.watch(EVERY_S)
        self.witness.look()
        self.narrow.draw()
        board = next(self._lively if self.joined % 2 else self._next_whole)
        viewer = Viewer(feed)  # who joins reads all there is, and leaves at the end of this second
        viewer.follow(board.draw().now_us)
        assert viewer.missed == 0
        if self.joined % OTHER_LOOKS == 0:
            self._leave_other()
            self.others.append(Witness(self.feeds.feed(Kafka(**self._own() | next(self._settings)))))
        self.others[-1].feed.watch(EVERY_S)
        self.others[-1].look()
        self.joined += 1

    def _own(self) -> dict[str, str]:
        return {"topic": self.source.topic, "start": "earliest", "bootstrap_servers": self.source.bootstrap_servers}

    def _leave_other(self) -> None:
        if self.others:
            self.others[-1].look()
            self.feeds.retry(self.others[-1].feed)
