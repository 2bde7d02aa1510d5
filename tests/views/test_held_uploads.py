"""However many files are sent, Streamlit holds no more of them than there is room for."""

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from views.held_uploads import bounded


def file(name: str, size: int) -> UploadedFileRec:
    return UploadedFileRec(file_id=name, name=f"{name}.csv", type="text/csv", data=b"x" * size)


def test_the_oldest_file_of_whatever_session_goes_first() -> None:
    manager = MemoryUploadedFileManager("/upload")
    add = bounded(manager, most_bytes=1000, most_files=10)
    for session, name, size in (("s1", "a", 400), ("s2", "b", 400), ("s1", "c", 400), ("s3", "d", 5000)):
        add(session, file(name, size))
        kept = {key for files in manager.file_storage.values() for key in files}
        assert name in kept, "what has just come is there, however large it is"
    assert kept == {"d"}


def test_files_of_nothing_are_counted_too() -> None:
    manager = MemoryUploadedFileManager("/upload")
    add = bounded(manager, most_bytes=1000, most_files=3)
    for number in range(50):
        add("s", file(str(number), 0))
    assert list(manager.file_storage["s"]) == ["47", "48", "49"]


def test_what_is_sent_again_or_gone_takes_no_room() -> None:
    manager = MemoryUploadedFileManager("/upload")
    add = bounded(manager, most_bytes=1000, most_files=10)
    for _ in range(5):
        add("s1", file("a", 600))
    add("s2", file("b", 300))
    assert set(manager.file_storage["s1"]) == {"a"}
    manager.remove_session_files("s1")
    add("s2", file("c", 600))
    assert set(manager.file_storage["s2"]) == {"b", "c"}
