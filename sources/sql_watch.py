"""An end to a query that its database lets run on: one that has changed the database's own time-out, or asks for row after slow row."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

GRACE_S = 2.0
"""The database's own time-out comes first: it says what has happened."""
AGAIN_S = 0.5
"""How long until it is cancelled again: between two statements there is nothing to cancel."""


class Watch:
    """While it is entered, calls `cancel` once `timeout_s` and GRACE_S are over, and again until it is left."""

    def __init__(self, timeout_s: float, cancel: Callable[[], object]) -> None:
        self.late = False
        """Whether it was cancelled."""
        self._timeout_s = timeout_s + GRACE_S
        self._cancel = cancel
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch-query", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        wait_s = self._timeout_s
        while not self._over.wait(wait_s):
            self.late, wait_s = True, AGAIN_S
            self._cancel()
