"""What Streamlit itself holds of uploads in memory, for all sessions together.

It bounds each file, not how many: whoever has opened the page may send one after another under names of his own, and each is held
until his session ends. Our own copy of an upload is on disk (`sources.replay_uploads`), so nothing that is played is lost here.
"""

import threading
from collections.abc import Callable

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

MOST_BYTES = 200 * 1024 * 1024
"""Four of the largest files. A process on Streamlit Community Cloud has 1 GB."""
MOST_FILES = 100


def bound_uploads() -> None:
    """Have Streamlit let the oldest uploads go where newer ones need the room. Once a process."""
    if runtime.exists():
        manager = runtime.get_instance().uploaded_file_mgr
        if isinstance(manager, MemoryUploadedFileManager):
            manager.add_file = bounded(manager)  # type: ignore[assignment, method-assign]


def bounded(
    manager: MemoryUploadedFileManager, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES
) -> Callable[[str, UploadedFileRec], None]:
    """The manager's `add_file`, but it removes the oldest of what it has added until no more than that is held."""
    add = manager.add_file
    held: dict[tuple[str, str], int] = {}
    """Bytes by session and file, oldest first."""
    lock = threading.Lock()

    def add_bounded(session_id: str, file: UploadedFileRec) -> None:
        with lock:
            for key in [key for key in held if key[1] not in manager.file_storage.get(key[0], {})]:
                del held[key]  # its session has ended, or its viewer has taken it out
            held.pop((session_id, file.file_id), None)
            held[session_id, file.file_id] = len(file.data)
            while len(held) > 1 and (sum(held.values()) > most_bytes or len(held) > most_files):
                oldest = next(iter(held))
                del held[oldest]
                manager.remove_file(*oldest)
            add(session_id, file)

    return add_bounded
