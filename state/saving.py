"""One Parquet file of the events of a span, as a feed or a viewer still holds them."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from sources.errors import SourceError
from sources.recording import Header, write_recording
from sources.recordings import ENDING, FOLDER, check_new_name, offered
from state.board import Board
from state.choice import MICROSECONDS
from state.download import MOST_BYTES, Bounded, Refused
from state.feed import Feed
from state.held import Held
from state.link import write_link
from state.settings import kind_of

MOST_RECORDINGS = 500
_FIRST_US, _LAST_US = -(2**63), 2**63 - 1
"""Before and after every instant."""

Instants = tuple[int | None, int | None]
"""From and to, event times in microseconds since the epoch, both included; None for no bound."""


def held(feed: Feed) -> Iterator[pa.Table]:
    """Every event that the feed holds, in order of arrival."""
    for span in feed.pull(0).spans:
        yield from span.tables()


def last(feed: Feed, seconds: float) -> Instants:
    """The newest so many seconds of the feed, by its own time; what is ahead of it is among them."""
    newest_us = feed.times.newest_us
    return (None if newest_us is None else newest_us - int(seconds * MICROSECONDS), None)


def header_of(feed: Feed, board: Board, now: float) -> Header:
    """What a recording made now (seconds since the epoch) says of where its events are from. Holds no secret."""
    kind = kind_of(board.source)
    link = write_link(board)
    return Header(
        made_us=int(now * MICROSECONDS),
        source=kind.kind,
        title=kind.title,
        link={name: [value] if isinstance(value, str) else value for name, value in link.items()}
        | {"source": [kind.kind]},
        format=feed.reading.format if feed.reading else "",
        format_why=feed.reading.why if feed.reading else "",
        time_field=feed.times.field.name,
        time_why=feed.times.why,
        notes=feed.notes.all,
    )


def save(  # noqa: PLR0913 - what, of when, from where, and where to
    name: str,
    feed: Feed,
    board: Board,
    span: Instants,
    *,
    tables: Iterable[pa.Table] | None = None,
    folder: Path = FOLDER,
) -> Header:
    """Save the events of these instants under a new name.

    tables  what a viewer holds; without them, what the feed holds

    Raises ValueError for the user if that can't be done; then nothing is left behind.
    """
    path = folder / f"{checked_name(name)}{ENDING}"
    taken = offered(folder)
    if name in taken or path.exists() or (folder / name).exists():
        raise ValueError(there_already(name))
    refuse_where_full(folder)
    chosen = _chosen(feed, span, tables)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return write_recording(path, chosen, header_of(feed, board, time.time()), fresh=True)
    except OSError as error:
        if isinstance(error, FileExistsError) and folder.is_dir():  # somebody has been faster
            raise ValueError(there_already(name)) from None
        raise ValueError(refusal(folder, error)) from None


def recording_bytes(
    feed: Feed, board: Board, span: Instants, *, tables: Iterable[pa.Table] | None = None, most: int = MOST_BYTES
) -> bytes:
    """The file that `save` would write. Raises Refused where there is no event, or the file is over `most` bytes."""
    file = Bounded(most)
    write_recording(file, _chosen(feed, span, tables), header_of(feed, board, time.time()))
    return file.getvalue()


def checked_name(name: str) -> str:
    """The name, if it may be a recording's. Raises ValueError for the user."""
    try:
        return check_new_name(name)
    except SourceError as problem:
        raise ValueError(str(problem)) from None


def refuse_where_full(folder: Path) -> None:
    """Raise ValueError for the user where there are as many recordings as may be."""
    if len(offered(folder)) >= MOST_RECORDINGS:
        raise ValueError(f"{MOST_RECORDINGS} recordings are in {folder.name}/ already: remove one first")


def there_already(name: str) -> str:
    """What to say where a recording has that name."""
    return f"there is a recording {name!r} already: choose another name"


def refusal(folder: Path, error: OSError) -> str:
    """What to say where the disk refuses."""
    return f"the recording can't be written in {folder.name}/: {error.strerror or error}: free some space, or set PULSEBOARD_RECORDINGS"


def _chosen(feed: Feed, span: Instants, tables: Iterable[pa.Table] | None) -> list[pa.Table]:
    start, end = span
    there = Held(held(feed) if tables is None else tables)
    chosen = there.between(_FIRST_US if start is None else start, _LAST_US if end is None else end + 1)
    if not chosen:
        raise Refused("no event of that time is held any more: choose another span")
    return chosen
