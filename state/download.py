"""Files that are made to be downloaded: in memory as a whole, and so bounded."""

import io

MOST_BYTES = 200_000_000
"""A viewer's session keeps what it has downloaded."""


class Refused(ValueError):
    """Why there is no such file: what the user is told, with what to do."""


class Bounded(io.BytesIO):
    """Bytes in memory, no more than so many; raises Refused for more.

    >>> Bounded(1_000_000).write(bytes(2_000_000))
    Traceback (most recent call last):
    state.download.Refused: the file is over 1 MB: choose a shorter span
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        super().__init__()
        self._most = most

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        """See io.BytesIO."""
        if self.tell() + len(data) > self._most:
            raise Refused(f"the file is over {self._most / 1e6:,.0f} MB: choose a shorter span")
        return super().write(data)
