"""Files that are there as a whole or not at all, whoever looks and whenever the process ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, *, fresh: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which becomes `path` once it is written; after an error nothing of it is left.

    fresh  whether what is there already stays: then FileExistsError is raised

    Raises OSError if it can't be written. Its mode is the usual one, which a temporary file's is not.
    """
    half = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with half.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            _keep_beside(half, path)
        else:
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _keep_beside(half: Path, path: Path) -> None:
    """Give the file its name, if nothing has it. Raises FileExistsError."""
    try:
        path.hardlink_to(half)
    except FileExistsError:
        raise
    except OSError:  # a disk without links: for a moment there is an empty file instead
        path.open("xb").close()
        half.replace(path)
