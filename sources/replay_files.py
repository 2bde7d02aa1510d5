"""Which files a recording is made of: names that stand in the recordings folder, uploads, and paths."""

import re
import stat
from pathlib import Path
from typing import BinaryIO

from sources import recordings, replay_uploads
from sources.errors import BadSettings, NotFound
from sources.replay_part import Part

DEMO = "demo"
ENDINGS = (".parquet", ".csv", ".tsv", ".ndjson", ".jsonl", ".json", ".log", ".txt")
"""Files that end so are offered, and are parts of a folder; so are those of text with `.gz` behind."""
MOST_PARTS = 10_000

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]{0,199}")
_MAGIC = b"PAR1"


def check_name(name: str) -> str:
    """The name, if it may be one: it becomes a file's, so it may name no path. Raises BadSettings."""
    if not _NAME.fullmatch(name):
        raise BadSettings(
            "recording",
            f"{name[:40]!r} is no recording's name: choose one that is offered, with no folder before it",
        )
    return name


def offered(folder: Path = recordings.FOLDER) -> list[str]:
    """The recordings and other files that stand in the folder, sorted; no uploads, which are for those who have the link."""
    try:
        files = {path.name for path in folder.iterdir() if _is_part(path) and _is_inside(path, folder)}
        folders = {path.name for path in folder.iterdir() if path.is_dir() and any(map(_is_part, path.iterdir()))}
    except OSError:  # no folder, no recordings
        files = folders = set()
    names = {name.removesuffix(recordings.ENDING) for name in files} | folders
    return sorted(name for name in names if _NAME.fullmatch(name))


def has_demo(folder: Path = recordings.FOLDER) -> bool:
    """Whether there is a recording to show to whoever has chosen none."""
    return (folder / f"{DEMO}{recordings.ENDING}").is_file()


def files_of(
    recording: str, path: str, folder: Path = recordings.FOLDER, uploads: Path | None = None
) -> tuple[Path, ...]:
    """The files that are played one after another, by name. Raises BadSettings, NotFound.

    A recording's files are within its folder wherever links lead.
    """
    if path:
        return _parts(Path(path).expanduser(), None)
    name = check_name(recording or DEMO)
    home = (uploads or replay_uploads.uploads_folder()) if replay_uploads.is_upload(name) else folder
    for found in (home / name, home / f"{name}{recordings.ENDING}"):
        if _exists(found) and _is_inside(found, home):
            return _parts(found, home)
    if home != folder:
        raise NotFound(f"the upload {name!r} is no longer kept here: upload the file again")
    known = ", ".join(map(repr, offered(folder)[:10]))
    raise NotFound(
        f"there is no recording {name[:60]!r} in {folder.name}/"
        + (f": choose one of {known}" if known else ": record a feed first, or copy a file there")
    )


def open_part(path: Path, format: str, zone: str) -> Part:  # noqa: A002 - as in the link
    """Open one file, whatever it holds. Raises BadSettings, NotFound."""
    from sources.replay_parquet import ParquetPart  # noqa: PLC0415 - what decodes takes time to import
    from sources.replay_text import TextPart  # noqa: PLC0415

    file = _opened(path)
    try:
        magic = file.read(len(_MAGIC))
        file.seek(0)
        if path.suffix == recordings.ENDING or magic == _MAGIC:
            return ParquetPart(file, path.name, zone)
        return TextPart(file, path.name, format)
    except BaseException:
        file.close()
        raise


def _parts(path: Path, home: Path | None) -> tuple[Path, ...]:
    if not _exists(path):
        raise NotFound(f"there is no file or folder {str(path)[:200]!r}: check the path")
    if not path.is_dir():
        return (path,)
    try:
        found = sorted(each for each in path.iterdir() if _is_part(each) and (home is None or _is_inside(each, home)))
    except OSError as error:
        raise NotFound(f"{path.name} can't be read ({error.strerror}): choose another") from None
    if not 0 < len(found) <= MOST_PARTS:
        kinds = f"{', '.join(ENDINGS)} or .gz"
        raise NotFound(
            f"{path.name} holds {len(found):,} files to play: choose a folder of 1 to {MOST_PARTS:,} {kinds} files"
        )
    return tuple(found)


def _opened(path: Path) -> BinaryIO:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe or a device may be waited for without end
            raise BadSettings("recording", f"{path.name} is no file: choose a file, or a folder of files")
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"the file {path.name} is gone: choose another recording") from None
    except OSError as error:
        raise NotFound(f"{path.name} can't be read ({error.strerror}): check its permissions") from None


def _is_part(path: Path) -> bool:
    name = path.name.lower()
    return not name.startswith(".") and name.removesuffix(".gz").endswith(ENDINGS) and path.is_file()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long a name, or one with a null in it
        return False


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
