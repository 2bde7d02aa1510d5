"""Polling one table or query: its history in pages, then what is new."""

import time
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sources.batch import NO_ROWS, Batch, Delivery, Reading
from sources.durations import parse_duration
from sources.receiver import Receiver
from sources.sql_database import Database
from sources.sql_follow import Follow
from sources.sql_pieces import Piece
from sources.sql_snapshot import Snapshot
from sources.sql_text import read_query

if TYPE_CHECKING:
    from sources.sql import Sql

ATTACH_S = 8.0


class SqlReader:
    """An opened table or query. A thread of its own asks; what was read stays read when the connection is lost and comes back."""

    def __init__(self, settings: "Sql") -> None:
        """Connect, and find what is watched. Raises a SourceError with the true cause if that fails."""
        self._every_s = parse_duration(settings.every)
        self._address = settings.address()
        self._about = "query" if settings.query.strip() else "table"
        query = read_query(settings.query) if self._about == "query" else None
        self._task: Follow | Snapshot = (
            Snapshot(query, settings) if query is not None and not query.last else Follow(query, settings)
        )
        self._pieces: deque[Piece] = deque()
        self._lag = 1  # until it is known whether there is any history, there may be
        self._reading: Reading | None = None
        self._receiver: Receiver[Piece] = Receiver(self._receive, f"The database at {self._address.shown}", keeps=True)
        self._receiver.open()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll: one page of rows, or what was new when it was asked last."""
        deadline = time.monotonic() + timeout_s
        while True:
            received = self._receiver.take(0 if self._pieces else max(0.0, deadline - time.monotonic()))
            self._pieces.extend(received.items)
            blank = Batch(NO_ROWS, time.time(), gaps=received.gaps, delivery=Delivery(self._every_s))
            if not self._pieces or self._receiver.closed:
                return replace(blank, lag={"rows": self._lag}, reading=self._reading)
            piece = self._pieces.popleft()
            self._lag, self._reading = piece.lag, piece.reading
            if piece.table.num_rows or piece.malformed or piece.gaps or received.gaps:
                break
        return replace(
            blank,
            table=piece.table,
            malformed=piece.malformed,
            samples=piece.samples,
            lag={"rows": piece.lag},
            reading=piece.reading,
            timed=piece.timed,
            gaps=(*received.gaps, *piece.gaps),
        )

    def close(self) -> None:
        """See Reader.close. Ends a query that is running."""
        self._receiver.close()
        self._pieces.clear()

    def _receive(self, receiver: Receiver[Piece]) -> None:
        database = Database(self._address, self._about)
        try:
            receiver.cancel_with(database.cancel)
            with database.transaction(ATTACH_S) as asked:
                self._task.attach(asked, database)
            receiver.ready()
            while not receiver.closed:
                began = time.monotonic()
                if not self._task.ask(database, partial(_hand_over, receiver)):
                    receiver.wait(max(0.0, began + self._every_s - time.monotonic()))
                receiver.heard()
        finally:
            database.disconnect()


def _hand_over(receiver: Receiver[Piece], piece: Piece) -> bool:
    return receiver.put_when_room(piece, piece.table.nbytes + 1000)
