"""The folder of recordings: which names it has, and which files are behind them. Text files stand there too, to be played."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from sources.errors import BadSettings, NotFound, SourceError
from sources.protocol import Source, form_fields
from sources.recording import Header, read_header

FOLDER = Path(os.environ.get("PULSEBOARD_RECORDINGS") or Path(__file__).parent.parent / "recordings")
"""Beside the app, so that recordings are shared with it; elsewhere where the variable says so."""
ENDING = ".parquet"
ENDINGS = (ENDING, ".csv", ".tsv", ".ndjson", ".jsonl", ".json", ".log", ".txt")
"""Files that end so are offered, and are parts of a folder; so are those of text with `.gz` behind. No other is opened by a name."""
MOST_PARTS = 10_000
_KNOWN_HEADERS = 10_000

_NEW_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NAME = re.compile(r"[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]{0,199}")


def check_new_name(name: str) -> str:
    """The name, if a recording may be written under it: every disk and every link takes it. Raises BadSettings."""
    if not _NEW_NAME.fullmatch(name):
        raise BadSettings(
            "recording",
            f"{name[:40]!r} is no recording's name: use up to 64 letters, digits, dashes and underscores",
        )
    return name


def check_name(name: str) -> str:
    """The name, if there may be a recording of it: it is a file's, so it may name no path. Raises BadSettings."""
    if not _NAME.fullmatch(name):
        raise BadSettings(
            "recording",
            f"{name[:40]!r} is no recording's name: choose one that is offered, with no folder before it",
        )
    return name


def offered(folder: Path = FOLDER) -> list[str]:
    """The recordings and other files that can be played, sorted: `check_name` takes each, and `files` gives what is behind it."""
    try:
        found = [path for path in folder.iterdir() if _is_inside(path, folder)]
        files = {path.name for path in found if _is_part(path)}
        folders = {path.name for path in found if path.is_dir() and any(map(_is_part, path.iterdir()))}
    except OSError:  # no folder, no recordings
        return []
    names = {name.removesuffix(ENDING) for name in files} | folders
    return sorted(name for name in names if _NAME.fullmatch(name))


def files(name: str, folder: Path = FOLDER) -> tuple[Path, ...]:
    """The files of a recording in the order in which they were written, inside this folder wherever links lead.

    Raises BadSettings, NotFound.
    """
    for path in (folder / check_name(name), folder / f"{name}{ENDING}"):
        if (_is_part(path) or _is_dir(path)) and _is_inside(path, folder):
            return parts(path, folder)
    known = ", ".join(map(repr, offered(folder)[:10]))
    raise NotFound(
        f"there is no recording {name[:60]!r} in {folder.name}/"
        + (f": choose one of {known}" if known else ": record a feed first, or copy a file there")
    )


def parts(path: Path, home: Path | None = None) -> tuple[Path, ...]:
    """A file, or those of a folder that can be played, by name. Raises NotFound where there are none, or too many.

    home  the folder that `path` is in, out of which no link of its own may lead; None for no such bound
    """
    if not _is_dir(path):
        return (path,)
    try:
        found = sorted(each for each in path.iterdir() if _is_part(each) and (home is None or _stays(each, home)))
    except OSError as error:
        raise NotFound(f"{path.name} can't be read ({error.strerror}): choose another") from None
    if not 0 < len(found) <= MOST_PARTS:
        kinds = f"{', '.join(ENDINGS)} or .gz"
        raise NotFound(
            f"{path.name} holds {len(found):,} files to play: choose a folder of 1 to {MOST_PARTS:,} {kinds} files"
        )
    return tuple(found)


def overlapping(
    kind: type[Source], settings: Mapping[str, str], from_us: int, to_us: int, folder: Path = FOLDER
) -> list[str]:
    """The recordings of a feed of these settings that reach into this span, the longest reach first. What can't be read is none of them.

    settings  as in the link, defaults left out
    from_us, to_us  event times, microseconds since the epoch, both ends in
    """
    reach = {}
    for name in offered(folder):
        span = _span(name, kind, dict(settings), folder)
        if span and max(span[0], from_us) <= min(span[1], to_us):
            reach[name] = min(span[1], to_us) - max(span[0], from_us)
    return sorted(reach, key=lambda name: (-reach[name], name))


def _span(name: str, kind: type[Source], settings: dict[str, str], folder: Path) -> tuple[int, int] | None:
    """The times of the first event and the last, microseconds since the epoch; None if it is not of this feed."""
    try:
        headers = [_header(path) for path in files(name, folder) if path.suffix == ENDING]
    except SourceError:
        return None
    ours = [each for each in headers if each is not None and each.events and is_of(each, kind, settings)]
    return (min(each.from_us for each in ours), max(each.to_us for each in ours)) if ours else None


def _header(path: Path) -> Header | None:
    """What the file says of itself, but for its notes; None if it is none of ours, or can't be read."""
    try:
        now = path.stat()
    except OSError:  # the oldest part of a recording that goes on
        return None
    return _header_as_of(path, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=_KNOWN_HEADERS)
def _header_as_of(path: Path, mtime_ns: int, size: int) -> Header | None:  # noqa: ARG001 - the file as it was then
    """Kept, since a day of recording has a part for each minute, and every run may ask for all of them."""
    try:
        header = read_header(path)
    except SourceError:
        return None
    return header and replace(header, notes=())


def is_of(header: Header, kind: type[Source], settings: Mapping[str, str]) -> bool:
    """Whether it was recorded from a feed of this kind and these settings, as `overlapping` takes them."""
    link = header.link or {}
    given = {each.name: link[each.name][-1] for each in form_fields(kind) if link.get(each.name)}
    return header.source == kind.kind and given == settings


def _is_part(path: Path) -> bool:
    name = path.name.lower()
    try:
        return not name.startswith(".") and name.removesuffix(".gz").endswith(ENDINGS) and path.is_file()
    except OSError:  # too long a name
        return False


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _stays(part: Path, home: Path) -> bool:
    return not part.is_symlink() or _is_inside(
        part, home
    )  # looked up for links alone: a folder may have thousands of parts
