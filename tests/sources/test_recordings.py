"""The folder of recordings gives what is in it, and nothing that is not."""

import pyarrow as pa
import pytest

from sources import recordings
from sources.batch import TIME, TIME_TYPE
from sources.errors import BadSettings, NotFound
from sources.recording import Header, write_recording
from sources.recordings import check_new_name, files, offered, overlapping, parts
from sources.simulated import Simulated


def record(path, *micros, source="simulated", **link):
    path.parent.mkdir(exist_ok=True)
    header = Header(1, source, link={name: [text] for name, text in link.items()})
    write_recording(path, [pa.table({TIME: pa.array(micros, TIME_TYPE)})], header)


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "recordings"
    record(inside / "a.parquet", 10, 20, rate="5", value="cpu")
    for part, micros in (("1", (5, 15)), ("2", (16, 40))):
        record(inside / "long" / f"{part}.parquet", *micros, rate="5")
    return inside


def test_recordings_are_files_and_folders_of_files(folder):
    (folder / "empty").mkdir()
    (folder / "shop.csv").write_text("time,load")
    (folder / "make.py").write_text("no recording")
    (folder / ".half.parquet").write_text("")
    assert offered(folder) == ["a", "long", "shop.csv"]
    assert offered(folder / "nowhere") == []
    assert files("a", folder) == files("a.parquet", folder) == (folder / "a.parquet",)
    assert files("long", folder) == (folder / "long/1.parquet", folder / "long/2.parquet")
    for name in ("make.py", "empty", "shop", ".half"):
        with pytest.raises((BadSettings, NotFound)):
            files(name, folder)


def test_the_parts_of_a_recording_come_in_order_and_leave_out_what_is_half_written(folder):
    (folder / "long" / ".3.parquet.x1").write_text("")
    (folder / "long" / ".3.parquet").write_text("")
    assert parts(folder / "long") == (folder / "long/1.parquet", folder / "long/2.parquet")
    assert parts(folder / "a.parquet") == (folder / "a.parquet",)
    (folder / "empty").mkdir()
    with pytest.raises(NotFound, match="empty holds 0 files to play"):
        parts(folder / "empty")


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/etc/passwd", "a\0", "a\n", "x" * 201])
def test_a_name_can_not_be_a_path(folder, name):
    for check in (check_new_name, lambda name: files(name, folder)):
        with pytest.raises(BadSettings, match="is no recording's name"):
            check(name)


@pytest.mark.parametrize("name", ["a.parquet", "-a", "ä", "a b", "x" * 65])
def test_a_recording_is_written_under_a_name_that_every_disk_takes(name):
    with pytest.raises(BadSettings, match="up to 64 letters, digits, dashes and underscores"):
        check_new_name(name)


def test_a_link_does_not_lead_out_of_the_folder(folder, tmp_path):
    record(tmp_path / "secret" / "x.parquet", 1)
    (folder / "file.parquet").symlink_to(tmp_path / "secret/x.parquet")
    (folder / "dir").symlink_to(tmp_path / "secret")
    (folder / "long" / "3.parquet").symlink_to(tmp_path / "secret/x.parquet")
    assert offered(folder) == ["a", "long"]
    for name in ("file", "dir"):
        with pytest.raises(NotFound):
            files(name, folder)
    assert len(files("long", folder)) == 2


def test_what_is_not_there_names_what_is(folder, tmp_path):
    with pytest.raises(NotFound, match=r"there is no recording 'b' in recordings/: choose one of 'a', 'long'"):
        files("b", folder)
    with pytest.raises(NotFound, match="record a feed first"):
        files("b", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("settings", "span", "found"),
    [
        ({"rate": "5"}, (10, 20), ["a", "long"]),
        ({"rate": "5"}, (5, 40), ["long", "a"]),
        ({"rate": "5"}, (0, 10), ["long", "a"]),
        ({"rate": "5"}, (0, 9), ["long"]),
        ({"rate": "5"}, (40, 99), ["long"]),
        ({"rate": "5"}, (41, 99), []),
        ({"rate": "5"}, (0, 4), []),
        ({"rate": "6"}, (10, 20), []),
        ({}, (10, 20), []),
        ({"rate": "5", "seed": "1"}, (10, 20), []),
    ],
)
def test_recordings_of_a_feed_that_reach_into_a_span_are_found_the_longest_reach_first(folder, settings, span, found):
    record(folder / "other.parquet", 1, 100, source="kafka", rate="5")
    (folder / "broken.parquet").write_text("PAR1")
    assert overlapping(Simulated, settings, *span, folder) == found


def test_a_part_is_opened_once_however_often_it_is_asked_for(folder, monkeypatch):
    assert overlapping(Simulated, {"rate": "5"}, 21, 40, folder) == ["long"]
    opened = []

    def read_header(path):
        opened.append(path.name)
        return header_of(path)

    header_of = recordings.read_header
    monkeypatch.setattr(recordings, "read_header", read_header)
    assert overlapping(Simulated, {"rate": "5"}, 21, 40, folder) == ["long"]
    assert opened == []
    record(folder / "long" / "3.parquet", 41, 99, rate="5")
    assert overlapping(Simulated, {"rate": "5"}, 51, 99, folder) == ["long"]
    record(folder / "long" / "3.parquet", 41, 42, 50, rate="5")
    assert overlapping(Simulated, {"rate": "5"}, 51, 99, folder) == []
    assert opened == ["3.parquet", "3.parquet"]
