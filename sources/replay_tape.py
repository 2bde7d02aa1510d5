"""The files of a recording, read one after another."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from sources.errors import NotFound
from sources.replay_files import open_part
from sources.replay_part import Part, Piece


class Tape:
    """One file is open at a time. One thread reads; close it when nobody does.

    format, zone  as in the settings
    """

    def __init__(self, files: Sequence[Path], format: str, zone: str) -> None:  # noqa: A002 - as in the link
        self._files, self._format, self._zone = files, format, zone
        self._sizes = [_size(path) for path in files]
        self._part: Part | None = None
        self.share = 0.0
        """How much of all files lies before the end of the last piece, 0 to 1."""

    def pieces(self) -> Iterator[tuple[Part, Piece]]:
        """Each piece with the file it is of, from the beginning. Raises Mendable."""
        for index, path in enumerate(self._files):
            try:
                part = self._part = open_part(path, self._format, self._zone)
            except NotFound:
                if len(self._files) > 1:
                    continue  # a folder in which recording goes on lets its oldest part go
                raise
            for piece in part.pieces():
                before = sum(self._sizes[:index]) + piece.share * self._sizes[index]
                self.share = before / max(1, sum(self._sizes))
                yield part, piece
            part.close()

    def tail(self) -> pa.Table | None:
        """The last few events of the last file, once some were read; None where they can't be had without all before them."""
        if len(self._files) == 1:
            return None if self._part is None else self._part.tail()
        last = open_part(self._files[-1], self._format, self._zone)
        try:
            next(last.pieces(), None)
            return last.tail()
        finally:
            last.close()

    def close(self) -> None:
        """Let go of the file that is open. Safe to call twice."""
        if self._part is not None:
            self._part.close()


def _size(path: Path) -> int:
    """Bytes; 0 of what is gone, as the oldest part of a recording that goes on may be at any moment."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
