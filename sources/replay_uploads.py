"""Files that viewers have uploaded: kept while this process runs, named by what they hold, until newer ones need the room."""

import atexit
import hashlib
import re
import shutil
import tempfile
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import BinaryIO

from sources.errors import BadSettings

MOST_FILES = 20
MOST_BYTES = 500 * 1024 * 1024
"""So much is kept of all viewers together; the oldest goes first."""

CALLED_CHARS = 40
"""So much of a file's own name is kept, without its ending."""

_NAME = re.compile(r"upload-[0-9a-f]{16}(-[a-z0-9_]+)*(\.[a-z0-9]{1,8}){1,2}")
_ODD = re.compile(r"[^a-z0-9_]+")
_ENDING = re.compile(r"\.[a-z0-9]{1,8}(\.gz)?$")
_BLOCK = 1024 * 1024
_lock = threading.Lock()


@cache
def uploads_folder() -> Path:
    """The folder of this process alone, made when it is first asked for; it goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="pulseboard-uploads-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def is_upload(name: str) -> bool:
    """Whether that is the name of an upload, kept or not.

    >>> is_upload("upload-0123456789abcdef-sales-2025.csv.gz"), is_upload("upload-of-monday")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def names(folder: Path) -> list[str]:
    """The uploads that are kept there, sorted."""
    return sorted(path.name for path in folder.glob("upload-*") if is_upload(path.name))


def keep(
    file: BinaryIO,
    called: str,
    folder: Path | None = None,
    *,
    most_files: int = MOST_FILES,
    most_bytes: int = MOST_BYTES,
) -> str:
    """Keep the file's bytes; gives the name under which it is a recording. The same file has the same name.

    called  the file's own name, of which what is harmless is kept

    Raises BadSettings for what is empty, larger than all that may be kept, or can't be written.
    """
    folder = folder or uploads_folder()
    file.seek(0)
    told = hashlib.sha256()
    while block := file.read(_BLOCK):
        told.update(block)
    size = file.tell()
    name = f"upload-{told.hexdigest()[:16]}{_told_by(called)}"
    if not size:
        raise BadSettings("recording", "the file is empty: choose another")
    if size > most_bytes:
        raise BadSettings("recording", f"the file is larger than {most_bytes / 2**20:,.0f} MB: choose a smaller one")
    file.seek(0)
    try:
        with _lock:
            folder.mkdir(parents=True, exist_ok=True)
            half = folder / f".{name}"
            with half.open("wb") as kept:
                shutil.copyfileobj(file, kept, _BLOCK)
            half.replace(folder / name)
            _make_room(folder, name, most_files, most_bytes)
    except OSError as error:
        raise BadSettings("recording", f"the upload can't be kept ({error.strerror}): try again later") from None
    return name


def _told_by(called: str) -> str:
    """What an upload is called behind its number: words of small letters that no path, link or shell minds, and an ending.

    >>> _told_by("Umsätze 2025 (final).CSV.gz"), _told_by("../../.."), _told_by("日本.csv")
    ('-umsatze-2025-final.csv.gz', '.txt', '.csv')
    """
    plain = unicodedata.normalize("NFKD", called).encode("ascii", "ignore").decode().lower()
    ending = _ENDING.search(plain)
    words = _ODD.sub("-", plain[: ending.start()] if ending else plain)[: CALLED_CHARS + 1].strip("-")[:CALLED_CHARS]
    return (f"-{words.strip('-')}" if words else "") + (ending[0] if ending else ".txt")


def _make_room(folder: Path, newest: str, most_files: int, most_bytes: int) -> None:
    """Let the oldest go. Whoever still plays one has it open, and keeps it until it is closed."""
    kept = sorted((folder / name for name in names(folder) if name != newest), key=lambda path: path.stat().st_mtime_ns)
    sizes = [path.stat().st_size for path in kept]
    room = most_bytes - (folder / newest).stat().st_size
    while kept and (len(kept) >= most_files or sum(sizes) > room):
        kept.pop(0).unlink(missing_ok=True)
        sizes.pop(0)
