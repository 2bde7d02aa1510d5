"""The folder of recordings: one Parquet file each, or a folder of such files that follow each other."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from sources.errors import BadSettings, NotFound, SourceError
from sources.protocol import Source, form_fields
from sources.recording import Header, read_header

FOLDER = Path(os.environ.get("PULSEBOARD_RECORDINGS") or Path(__file__).parent.parent / "recordings")
"""Beside the app, so that recordings are shared with it; elsewhere where the variable says so."""
ENDING = ".parquet"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_recording_name(name: str) -> str:
    """The name, if it may be one: it becomes a file's, so it may name no path. Raises BadSettings."""
    if not _NAME.fullmatch(name):
        raise BadSettings(
            "recording",
            f"{name[:40]!r} is no recording's name: use up to 64 letters, digits, dashes and underscores",
        )
    return name


def recording_names(folder: Path = FOLDER) -> list[str]:
    """The recordings there are, sorted."""
    try:
        found = list(folder.iterdir())
    except OSError:  # no folder, no recordings
        return []
    names = {path.stem for path in found if path.suffix == ENDING and path.is_file()}
    names |= {path.name for path in found if path.is_dir() and any(path.glob(f"[!.]*{ENDING}"))}
    return sorted(name for name in names if _NAME.fullmatch(name))


def recording_path(name: str, folder: Path = FOLDER) -> Path:
    """The file or the folder of a recording, inside this folder wherever links lead. Raises BadSettings, NotFound."""
    for path in (folder / f"{check_recording_name(name)}{ENDING}", folder / name):
        if path.exists() and _is_inside(path, folder):
            return path
    known = ", ".join(recording_names(folder)[:10])
    raise NotFound(
        f"there is no recording {name!r} in {folder.name}/"
        + (f": choose one of {known}" if known else ": record a feed first, or copy one there")
    )


def parts(path: Path) -> tuple[Path, ...]:
    """The files of a recording in the order in which they were written. Raises NotFound where there are none."""
    found = sorted(path.glob(f"[!.]*{ENDING}")) if path.is_dir() else [path]
    files = tuple(each for each in found if each.is_file() and _is_inside(each, path.parent))
    if not files:
        raise NotFound(f"there is no recording in {path.name}/: choose another, or record a feed first")
    return files


def covering(
    kind: type[Source], settings: Mapping[str, str], from_us: int, to_us: int, folder: Path = FOLDER
) -> list[str]:
    """The recordings of a feed of these settings that reach over these instants. What can't be read is none of them.

    settings  as in the link, defaults left out
    from_us, to_us  event times, microseconds since the epoch
    """
    return [name for name in recording_names(folder) if _covers(name, kind, dict(settings), (from_us, to_us), folder)]


def _covers(name: str, kind: type[Source], settings: dict[str, str], span: tuple[int, int], folder: Path) -> bool:
    try:
        headers = [read_header(path) for path in parts(recording_path(name, folder))]
    except SourceError:
        return False
    ours = [each for each in headers if each is not None and each.events and is_of(each, kind, settings)]
    if not ours:
        return False
    return min(each.from_us for each in ours) <= span[0] and span[1] <= max(each.to_us for each in ours)


def is_of(header: Header, kind: type[Source], settings: Mapping[str, str]) -> bool:
    """Whether it was recorded from a feed of this kind and these settings, as `covering` takes them."""
    link = header.link or {}
    given = {each.name: link[each.name][-1] for each in form_fields(kind) if link.get(each.name)}
    return header.source == kind.kind and given == settings


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
