"""Which files are played: those of a recording, an upload, or a path; and what is in each."""

import stat
from pathlib import Path
from typing import BinaryIO

from sources import recordings, replay_uploads
from sources.errors import BadSettings, NotFound
from sources.replay_part import Part

DEMO = "demo"
_MAGIC = b"PAR1"


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
        named = Path(path).expanduser()
        if not _exists(named):
            raise NotFound(f"there is no file or folder {path[:200]!r}: check the path")
        return recordings.parts(named)
    name = recording or DEMO
    if not replay_uploads.is_upload(name):
        return recordings.files(name, folder)
    upload = (uploads or replay_uploads.uploads_folder()) / name
    if not upload.is_file():
        raise NotFound(f"the upload {name!r} is no longer kept here: upload the file again")
    return (upload,)


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


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long a name, or one with a null in it
        return False
