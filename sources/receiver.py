"""A thread of a source's own that receives while nobody polls, and the bounded inbox between it and `poll`.

Every source whose client waits in a call of its own, for a push or for the answer to a question, stands on this: its reader's
`poll` only takes what is there.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sources.batch import Gap
from sources.errors import SourceError, Unreachable

OPEN_S = 9.0
"""How long connecting may take."""

MOST_ITEMS = 200_000
MOST_BYTES = 64_000_000
"""What an inbox holds at the most. A feed empties it several times a second."""

TAKEN = 20_000
"""The most items that one poll takes."""

JOIN_S = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Received(Generic[T]):
    """What one poll takes: items, oldest first, and what was lost before or among them."""

    items: list[T]
    gaps: tuple[Gap, ...] = ()


class Receiver(Generic[T]):
    """Runs `receive` on a thread, and again after it has failed, as often as it is polled.

    receive   is given this object: connects, calls `ready`, then calls `put` for each item until `closed`; raises a SourceError
              when the connection is lost. It runs anew after an Unreachable: what it has to remember, it keeps itself.
    keeps     whether the counterpart keeps what is sent while nobody is connected. If not, each such time is a Gap.
    notice_s  within how many seconds a dead connection is noticed, if nothing closes it: a gap may have begun so much earlier

    The lock is held for moments only; `receive` never waits for a viewer unless it wants to (`put_when_room`).
    """

    def __init__(  # noqa: PLR0913 - its bounds are settings for tests
        self,
        receive: Callable[["Receiver[T]"], None],
        name: str,
        *,
        keeps: bool = False,
        notice_s: float = 0.0,
        most_items: int = MOST_ITEMS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._receive = receive
        self._name = name
        self._keeps = keeps
        self._notice_s = notice_s
        self._most_items = most_items
        self._most_bytes = most_bytes
        self._items: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._dropped = 0
        self._dropped_since_us = 0
        self._gaps: list[Gap] = []
        self._ready = False
        self._heard = 0.0
        """When something was last heard of the counterpart, seconds since the epoch; 0 before the first connection."""
        self._lost_at = 0.0
        """When the connection was found lost, seconds since the epoch; 0 before the first."""
        self._failure: Exception | None = None
        self._told: SourceError | None = None
        """The failure since which there is no connection."""
        self._cancel: Callable[[], object] | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._closed = threading.Event()

    # What the reader calls

    def open(self, timeout_s: float = OPEN_S) -> None:
        """Start, and wait until it is ready. Raises what `receive` raises, or Unreachable after the timeout; then it is closed."""
        self._start()
        with self._news:
            self._news.wait_for(lambda: self._heard or self._failure is not None or self._closed.is_set(), timeout_s)
            ready = self._heard > 0  # a connection may be lost again by now: `take` tells, after what came over it
            failure = None if ready else self._failure
        if failure is None and not ready and not self._closed.is_set():
            failure = Unreachable(
                f"{self._name} did not answer within {timeout_s:.0f} s: check its address, and that it runs."
            )
        if failure is not None:
            self.close()
            raise failure

    def take(self, timeout_s: float) -> Received[T]:
        """What is there, at most TAKEN items; nothing if nothing came in time, or once closed.

        Raises what `receive` raised, after what came before that was taken, and Unreachable until it is ready again.
        """
        self._start()
        with self._news:
            self._news.wait_for(self._has_news, timeout_s)
            if self._closed.is_set():
                return Received([])
            if not self._items and self._failure is not None:
                failure, self._failure = self._failure, None
                self._told = failure if isinstance(failure, SourceError) else None
                self._thread = None
                raise failure
            if self._items or self._gaps or self._ready:
                return self._taken()
        raise self._told or Unreachable(f"{self._name} is away: connecting again.")

    def close(self) -> None:
        """Tell `receive` to end, and let go of what was not taken. Safe to call twice and from any thread."""
        with self._news:
            self._closed.set()
            self._items.clear()
            self._bytes = 0
            cancel, self._cancel = self._cancel, None
            thread = self._thread
            self._news.notify_all()
            self._room.notify_all()
        if cancel is not None:
            cancel()
        if thread is not None and thread is not threading.current_thread():
            thread.join(JOIN_S)

    # What `receive` calls

    @property
    def closed(self) -> bool:
        """Whether to end."""
        return self._closed.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Sleep, but wake when closed; True if it is."""
        return self._closed.wait(timeout_s)

    def cancel_with(self, cancel: Callable[[], object]) -> None:
        """What ends a call in which `receive` waits: called once, by whoever closes; at once if that has happened."""
        with self._lock:
            closed = self._closed.is_set()
            self._cancel = None if closed else cancel
        if closed:
            cancel()

    def ready(self, *, keeps: bool | None = None) -> None:
        """There is a connection: what is sent from now on will come.

        keeps  as above, where only the counterpart can tell
        """
        now = time.time()
        with self._news:
            self._keeps = self._keeps if keeps is None else keeps
            if self._lost_at and not self._ready and not self._keeps:
                since = max(self._heard, self._lost_at - self._notice_s)
                self._gaps.append(Gap(int(since * 1e6), int(now * 1e6), None, "the connection was lost"))
            self._ready, self._told, self._heard, self._lost_at = True, None, now, 0.0
            self._news.notify_all()

    def heard(self) -> None:
        """The counterpart is there, though it has sent nothing that counts, such as the answer to a ping."""
        self._heard = time.time()

    def lost(self, gap: Gap) -> None:
        """Say that something was lost, as the counterpart or its client tells."""
        with self._news:
            self._gaps.append(gap)
            self._news.notify_all()

    def put(self, item: T, size: int) -> bool:
        """Hand over an item of so many bytes; False, and counted as lost, where there is no room for it."""
        with self._news:
            self._heard = time.time()
            if not self._has_room(size):
                self._dropped_since_us = self._dropped_since_us if self._dropped else int(self._heard * 1e6)
                self._dropped += 1
                return False
            self._append(item, size)
            return True

    def put_when_room(self, item: T, size: int) -> bool:
        """Hand over an item of so many bytes as soon as there is room: for a counterpart that waits. False once closed."""
        with self._news:
            self._heard = time.time()
            self._room.wait_for(lambda: self._has_room(size) or self._closed.is_set())
            if self._closed.is_set():
                return False
            self._append(item, size)
            return True

    # Within

    def _has_room(self, size: int) -> bool:
        """An item larger than all the room there is may still stand alone."""
        fits = len(self._items) < self._most_items and self._bytes + size <= self._most_bytes
        return fits or not self._items

    def _append(self, item: T, size: int) -> None:
        self._items.append((item, size))
        self._bytes += size
        self._news.notify_all()

    def _has_news(self) -> bool:
        return bool(self._items or self._gaps or self._failure is not None or self._dropped or self._closed.is_set())

    def _taken(self) -> Received[T]:
        """Called with the lock held."""
        taken = [self._items.popleft() for _ in range(min(TAKEN, len(self._items)))]
        self._bytes -= sum(size for _, size in taken)
        gaps, self._gaps = self._gaps, []
        if self._dropped:
            why = "events came faster than they could be read"
            gaps.append(Gap(self._dropped_since_us, int(time.time() * 1e6), self._dropped, why))
            self._dropped = 0
        self._room.notify_all()
        return Received([item for item, _ in taken], tuple(gaps))

    def _start(self) -> None:
        with self._lock:
            if self._closed.is_set() or self._thread is not None or self._failure is not None:
                return
            self._thread = threading.Thread(target=self._run, name=f"receive-{self._name}", daemon=True)
            thread = self._thread
        thread.start()

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            self._receive(self)
            if not self.closed:
                failure = Unreachable(f"{self._name} has ended the connection: connecting again.")
        except Exception as error:  # noqa: BLE001 - handed to whoever polls
            failure = error
        with self._news:
            if self._ready:
                self._lost_at = time.time()
            self._ready, self._cancel = False, None
            self._failure = failure
            self._news.notify_all()
