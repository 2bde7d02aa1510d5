"""What the tests of the HTTP source share: reading until something is so, however often a feed would try again."""

import time
from collections.abc import Callable
from typing import Any

from sources.batch import Batch
from sources.errors import Unreachable
from sources.protocol import Reader
from tests.sources.contract import until_retry

DEADLINE_S = 15.0


class Read:
    """What a reader has given so far."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.said: list[str] = []

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for batch in self.batches for row in batch.table.to_pylist()]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows if row.get(name) is not None]

    @property
    def gaps(self) -> list[Any]:
        return [gap for batch in self.batches for gap in batch.gaps]


def read_until(reader: Reader, done: Callable[[Read], bool], read: Read | None = None) -> Read:
    read = read or Read()
    deadline = time.monotonic() + DEADLINE_S
    while not done(read):
        assert time.monotonic() < deadline, f"{read.rows[-3:]}, {read.said[-2:]}, {read.gaps[-2:]}"
        try:
            read.batches.append(reader.poll(0.05))
        except Unreachable as away:
            read.said.append(str(away))
            until_retry.wait(0.05)
    return read
