"""Whatever file it is: it is played, or refused with what to do; nothing is read whole, and no name leads elsewhere."""

import gzip
import io
import json
import os
import tracemalloc
from datetime import datetime

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.errors import BadSettings, Mendable, NotFound
from sources.recordings import check_name, offered
from sources.replay import Replay
from sources.replay_files import files_of, open_part
from sources.replay_uploads import is_upload, keep, names
from tests.sources.replays import NOW, START, Clock, play, record

CSV = "time,host,ms\n" + "".join(f"2023-11-14T22:13:{20 + at:02}Z,web{at % 3},{at * 1.5}\n" for at in range(20))


def opening(path, **settings):
    """The message with which a file is refused when it is opened."""
    with pytest.raises(Mendable) as refused:
        Replay(path=str(path), **settings).open()
    message = str(refused.value)
    assert ": " in message, f"{message!r} does not say what to do"
    assert str(path) not in message or "no file or folder" in message, f"{message!r} says where the file lies"
    return message


def write(path, text, *, encoding="utf-8"):
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def rows(batches):
    return [row for batch in batches for row in batch.table.to_pylist()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_file_is_read_whatever_its_encoding_says_it_is(tmp_path, encoding, end):
    path = write(tmp_path / "a.csv", CSV.replace("\n", end), encoding=encoding)
    played, batches = play(path, history="0s", zero=START)
    assert [event.came for event in played] == list(range(20))
    assert [row["ms"] for row in rows(batches)] == [at * 1.5 for at in range(20)]
    assert (batches[0].reading.format, batches[0].timed.field) == ("csv", "time")
    assert sum(batch.malformed for batch in batches) == 0


def test_a_compressed_file_is_read_as_it_is(tmp_path):
    plain, _ = play(write(tmp_path / "a.csv", CSV), history="0s")
    packed, _ = play(write(tmp_path / "a.csv.gz", gzip.compress(CSV.encode())), history="0s")
    assert packed == plain


def test_a_cell_may_hold_line_breaks(tmp_path):
    text = 'time,what,n\n2023-11-14T22:13:20Z,"two\nlines, and ""quotes""",0\n2023-11-14T22:13:21Z,one,1\n' + "".join(
        f"2023-11-14T22:14:{at:02}Z,more,{at + 2}\n" for at in range(30)
    )
    _, batches = play(write(tmp_path / "a.csv", text), speed="max")
    found = rows(batches)
    assert [row["n"] for row in found] == list(range(32))
    assert found[0]["what"] == 'two\nlines, and "quotes"'


def test_bad_lines_are_counted_with_their_number_and_their_neighbours_live(tmp_path):
    lines = [json.dumps({"ts": START + at, "n": at}).encode() for at in range(50)]
    lines[10] = "größe".encode("latin-1")
    lines[20] = b'{"ts": 170000'
    lines[30] = b"x" * 2_000_000
    played, batches = play(write(tmp_path / "a.ndjson", b"\n".join(lines)), speed="max")
    assert [event.n for event in played] == [at for at in range(50) if at not in (10, 20, 30)]
    assert sum(batch.malformed for batch in batches) == 3
    told = {each.where: each.reason for batch in batches for each in batch.samples}
    assert set(told) == {"a.ndjson, line 11", "a.ndjson, line 21", "a.ndjson, line 31"}
    assert "longer than" in told["a.ndjson, line 31"]


def test_a_csv_file_of_two_encodings_loses_the_lines_that_are_in_the_other(tmp_path):
    lines = CSV.replace("web1", "wéb").encode().splitlines(keepends=True)
    lines.insert(5, "2023-11-14T22:13:23Z,bücher,7\n".encode("latin-1"))
    played, batches = play(write(tmp_path / "a.csv", b"".join(lines)), speed="max")
    assert len(played) == 20
    assert "1252" not in batches[0].reading.why
    [sample] = [each for batch in batches for each in batch.samples]
    assert sample.where == "a.csv, line 6"
    assert "not UTF-8" in sample.reason
    assert "save the file as UTF-8" in sample.reason


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_that_begins_in_windows_1252_is_read_as_that_and_says_so(tmp_path, pack):
    text = "time;Straße;Umsatz in €\n" + "".join(
        f"2023-11-14T22:{at // 60:02}:{at % 60:02}Z;{'Größe' if at % 7 else 'plain'};{at},5\n" for at in range(3_000)
    )
    _, batches = play(write(tmp_path / "a.csv", pack(text.encode("cp1252"))), speed="max")
    found = rows(batches)
    assert sum(batch.malformed for batch in batches) == 0
    assert {row["Straße"] for row in found} == {"Größe", "plain"}
    assert [row["Umsatz in €"] for row in found] == [at + 0.5 for at in range(3_000)]
    assert "not UTF-8 are read as Windows-1252" in batches[0].reading.why
    _, batches = play(write(tmp_path / "b.csv", text), speed="max")
    assert rows(batches) == found
    assert "1252" not in batches[0].reading.why


def test_the_end_of_a_file_in_windows_1252_tells_its_newest_time(tmp_path):
    lines = [f'{{"at größe": {START + at}, "n": {at}, "pad": "{"ä" * 100}"}}' for at in range(30_000)]
    played, _ = play(
        write(tmp_path / "a.ndjson", "\n".join(lines), encoding="cp1252"), speed="max", times="now", time="at größe"
    )
    assert (played[0].shown, played[-1].shown) == (-29_999, 0)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_list_is_read_one_by_one(tmp_path, indent):
    events = [{"ts": START + at, "n": at, "at": {"zone": "eu"}} for at in range(20)]
    played, batches = play(write(tmp_path / "a.json", json.dumps(events, indent=indent)), history="0s", zero=START)
    assert [event.came for event in played] == list(range(20))
    assert batches[0].table["at.zone"].to_pylist() == ["eu"]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_list_of_bare_values_gives_its_numbers_and_the_rest_is_malformed(tmp_path, indent):
    text = json.dumps([1, 2, 3.5, "x", None, [4], 5], indent=indent)
    _, batches = play(write(tmp_path / "a.json", text), speed="max")
    assert [row["value"] for row in rows(batches)] == [1, 2, 3.5, 5]
    assert sum(batch.malformed for batch in batches) == 3
    assert batches[0].reading.format in ("json", "number")


@pytest.mark.parametrize("first", ["[1, 2, 3]", "[12, web-1] up", '["a"] b', "[12,"])
def test_lines_in_brackets_are_no_json_list(tmp_path, first):
    _, batches = play(write(tmp_path / "a.log", "".join(f"{first} {at}\n" for at in range(20))), speed="max")
    assert sum(map(len, batches)) + sum(batch.malformed for batch in batches) == 20


@pytest.mark.slow
def test_a_long_json_list_of_numbers_in_one_line_is_read_number_by_number(tmp_path):
    _, batches = play(write(tmp_path / "a.json", json.dumps(list(range(300_000)))), speed="max")
    assert [row["value"] for row in rows(batches)] == list(range(300_000))


def test_a_json_list_that_is_cut_short_says_so_behind_what_could_be_read(tmp_path):
    events = json.dumps([{"ts": START + at, "n": at} for at in range(20)])
    played, batches = play(write(tmp_path / "a.json", events[:-10]), speed="max")
    assert len(played) == 19
    assert ["cut short" in each.reason for batch in batches for each in batch.samples] == [True]


def test_events_without_a_time_follow_each_other(tmp_path):
    path = write(tmp_path / "a.txt", "".join(f"{at}\n" for at in range(50)))
    _, batches = play(path, history="0s")
    assert batches[0].timed.field == ""
    assert "a tenth of a second" in batches[0].timed.why
    assert sum(map(len, batches)) == 50
    played, _ = play(write(tmp_path / "n.ndjson", "".join(f'{{"n": {at}}}\n' for at in range(300))), history="25s")
    assert [event.came for event in played] == pytest.approx([max(0, (at - 250) / 10) for at in range(300)], abs=2e-3)
    assert [event.shown for event in played] == pytest.approx([(at - 250) / 10 for at in range(300)], abs=2e-3)


def test_a_time_without_a_zone_is_read_as_utc_with_a_warning_or_in_the_zone_that_is_named(tmp_path):
    path = write(tmp_path / "a.csv", CSV.replace("T22", " 22").replace("Z,", ","))
    played, batches = play(path, history="0s", zero=START)
    assert played[3].shown == 3
    assert batches[0].timed.refused
    assert "set the time zone" in batches[0].timed.why
    played, batches = play(path, history="0s", zone="Europe/Berlin", zero=START)
    assert played[3].shown == 3 - 3600
    assert not batches[0].timed.refused


def test_an_event_without_its_time_stands_where_the_one_before_it_does(tmp_path):
    lines = [json.dumps({"ts": START + at, "n": at} if at % 5 else {"n": at}) for at in range(20)]
    played, batches = play(write(tmp_path / "a.ndjson", "\n".join(lines)), history="0s", zero=START + 1)
    assert [event.came for event in played] == [0, 0, 1, 2, 3, 3, 5, 6, 7, 8, 8, 10, 11, 12, 13, 13, 15, 16, 17, 18]
    assert sum(batch.timed.untimed for batch in batches) == 4


def test_at_full_speed_the_newest_of_a_text_file_is_found_at_its_end(tmp_path):
    lines = [json.dumps({"ts": START + at, "n": at, "pad": "x" * 100}) for at in range(30_000)]
    played, _ = play(write(tmp_path / "a.ndjson", "\n".join(lines)), speed="max", times="now")
    assert (played[0].shown, played[-1].shown) == (-29_999, 0)


def test_at_full_speed_the_newest_of_a_compressed_file_is_not_guessed(tmp_path):
    path = write(tmp_path / "a.csv.gz", gzip.compress(CSV.encode()))
    assert "choose a speed" in opening(path, speed="max", times="now")
    assert len(play(path, speed="max")[0]) == 20


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n\n  \n", "is empty"),
        ("a.csv", b"PK\x03\x04" + bytes(100), "a zip archive or an Excel file"),
        ("a.txt", bytes(1000), "is empty"),
        ("a.txt", bytes(range(32)) * 100, "is no text"),
        ("a.json.gz", b"\x1f\x8b\x08\x00garbage", "cut short or damaged"),
        ("a.csv.gz", gzip.compress(CSV.encode())[:40], "cut short or damaged"),
        ("a.parquet.gz", gzip.compress(b"PAR1" + bytes(100)), "compressed once more"),
        ("a.parquet", b"PAR1", "no Parquet file"),
        ("a.parquet", b"time,ms\n1,2\n", "no Parquet file"),
        ("a.parquet", b"", "no Parquet file"),
        ("a.csv", b"PAR1" + bytes(500) + b"PAR1", "no Parquet file"),
        ("a.bin", b"SQLite format 3\0" + bytes(100), "a SQLite database"),
    ],
)
def test_a_foreign_or_broken_file_is_refused_when_it_is_opened(tmp_path, name, content, said):
    message = opening(write(tmp_path / name, content))
    assert said in message
    assert name in message


def test_a_recording_that_is_cut_short_is_refused_when_it_is_opened(tmp_path):
    path = record(tmp_path / "r.parquet", range(1000))
    whole = path.read_bytes()
    for share in (0.1, 0.5, 0.999):
        assert "cut short" in opening(write(path, whole[: int(share * len(whole))]))


def test_a_compressed_file_that_is_cut_short_further_on_ends_with_that(tmp_path):
    noise = np.random.default_rng(7).random(40_000).tolist()  # so that it stays large
    lines = "".join(json.dumps({"ts": START + at, "n": at, "x": noise[at]}) + "\n" for at in range(40_000))
    packed = gzip.compress(lines.encode())
    clock = Clock()
    reader = Replay(path=str(write(tmp_path / "a.ndjson.gz", packed[: len(packed) * 3 // 4])), speed="max").open(
        clock.now, clock.wait
    )
    read = 0
    with pytest.raises(BadSettings, match="cut short or damaged"):
        while True:
            read += len(reader.poll(0))
    assert 10_000 < read < 40_000
    reader.close()


def test_damage_within_a_recording_ends_it_with_that(tmp_path):
    path = record(tmp_path / "r.parquet", range(300_000))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 50_000] = b"\xff" * 50_000
    reader = Replay(path=str(write(path, bytes(whole))), speed="max").open()
    with pytest.raises(BadSettings, match="cut short, damaged"):
        while True:
            reader.poll(0)
    reader.close()


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert "no file" in opening(tmp_path / "pipe.csv")
    assert "no file" in opening("/dev/zero")
    assert "no file or folder" in opening(tmp_path / "absent.csv")
    assert "0 files to play" in opening(tmp_path)  # the pipe is no part of it
    assert "no file or folder" in opening("x" * 5000)


def test_a_file_of_any_size_opens_at_once_and_takes_little_memory(tmp_path):
    """40 GB on paper: one line without end, behind those that are events."""
    path = tmp_path / "big.ndjson"
    with path.open("wb") as file:
        for at in range(20_000):
            file.write(json.dumps({"ts": START + at, "n": at}).encode() + b"\n")
        file.truncate(40 * 2**30)
    tracemalloc.start()
    clock = Clock()
    reader = Replay(path=str(path), speed="max").open(clock.now, clock.wait)
    events = 0
    while events < 20_000:
        events += len(reader.poll(0))
    for _ in range(20):  # gives way, however long the line
        assert len(reader.poll(0)) == 0
    assert reader._part._file.tell() < 200 * 2**20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reader.close()
    assert peak < 60_000_000


def test_a_large_json_list_gives_way_too(tmp_path):
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.write(b'[{"n": 1}, {"n": "' + b"x" * 300_000)
        file.truncate(40 * 2**30)
    clock = Clock()
    reader = Replay(path=str(path), speed="max").open(clock.now, clock.wait)
    batches = [reader.poll(0) for _ in range(20)]
    assert sum(map(len, batches)) == 1
    assert reader._part._file.tell() < 200 * 2**20
    reader.close()


def test_a_folder_is_offered_with_what_can_be_played(tmp_path):
    record(tmp_path / "shop.parquet", [0])
    (tmp_path / "kept").mkdir()
    record(tmp_path / "kept" / "1.parquet", [0])
    (tmp_path / "empty").mkdir()
    for name in ("a.csv", "b.ndjson.gz", "readme.md", ".hidden.csv", "make.py"):
        write(tmp_path / name, CSV)
    outside = write(tmp_path.parent / "secret.csv", CSV)
    (tmp_path / "link.csv").symlink_to(outside)
    assert offered(tmp_path) == ["a.csv", "b.ndjson.gz", "kept", "shop"]
    assert files_of("shop", "", tmp_path) == (tmp_path / "shop.parquet",)
    assert files_of("kept", "", tmp_path) == (tmp_path / "kept" / "1.parquet",)
    for name in (
        "link.csv",
        "absent",
        "../secret.csv",
        "kept/1.parquet",
        "readme.md",
        "make.py",
        ".hidden.csv",
        "x" * 200,
    ):
        with pytest.raises((BadSettings, NotFound)):
            files_of(name, "", tmp_path)
    assert offered(tmp_path / "none") == []


def test_a_part_of_a_recording_does_not_lead_out_of_its_folder(tmp_path):
    (tmp_path / "kept").mkdir()
    outside = write(tmp_path.parent / "other.csv", CSV)
    (tmp_path / "kept" / "1.csv").symlink_to(outside)
    with pytest.raises(NotFound, match="0 files"):
        files_of("kept", "", tmp_path)
    (tmp_path / "away").symlink_to(tmp_path.parent)
    with pytest.raises(NotFound):
        files_of("away", "", tmp_path)


def test_an_upload_is_kept_under_a_name_of_what_it_holds(tmp_path):
    name = keep(io.BytesIO(CSV.encode()), "../../My File.CSV", tmp_path)
    assert is_upload(name)
    assert name.endswith("-my-file.csv")
    assert keep(io.BytesIO(CSV.encode()), "My File.csv", tmp_path) == name
    assert names(tmp_path) == [name]
    [path] = files_of(name, "", tmp_path / "none", tmp_path)
    part = open_part(path, "auto", "")
    assert sum(len(piece.table) for piece in part.pieces()) == 20
    part.close()


@given(st.text(max_size=300))
@example("../../etc/passwd")
@example("a" * 300 + ".csv")
@example("-" * 50 + ".csv.gz")
@example("a\n.csv\n")
def test_whatever_a_file_is_called_its_upload_has_a_name_that_is_one(tmp_path_factory, called):
    folder = tmp_path_factory.getbasetemp() / "uploads"
    name = keep(io.BytesIO(b"1\n"), called, folder)
    assert is_upload(check_name(name))
    assert len(name) <= 100
    assert files_of(name, "", folder / "none", folder) == (folder / name,)


def test_the_oldest_uploads_go_when_newer_ones_need_the_room(tmp_path):
    kept = []
    for at in range(5):
        kept.append(keep(io.BytesIO(b"x" * 100 + bytes([at])), "a.txt", tmp_path, most_files=3, most_bytes=1000))
        os.utime(tmp_path / kept[-1], ns=(at, at))
    assert names(tmp_path) == sorted(kept[-3:])
    big = keep(io.BytesIO(b"y" * 850), "a.txt", tmp_path, most_files=3, most_bytes=1000)
    assert set(names(tmp_path)) == {big, kept[-1]}
    with pytest.raises(BadSettings, match="larger than 2 MB: choose a smaller one"):
        keep(io.BytesIO(b"z" * (2**21 + 1)), "a.txt", tmp_path, most_bytes=2**21)
    with pytest.raises(BadSettings, match="the file is empty: choose another"):
        keep(io.BytesIO(b""), "a.txt", tmp_path)
    with pytest.raises(NotFound, match="no longer kept"):
        files_of(kept[0], "", tmp_path / "none", tmp_path)


def test_the_demo_is_small_and_opens(tmp_path):
    [path] = files_of("", "")
    assert path.stat().st_size < 500_000
    clock = Clock()
    reader = Replay(times="now", loop=True).open(clock.now, clock.wait)
    batch = reader.poll(0)
    reader.close()
    assert len(batch) > 5_000
    assert len(batch.notes) >= 1
    assert NOW - 300.1 < batch.notes[0].at_us / 1e6 < NOW


@pytest.mark.parametrize("line", ['{{"n": {at}}}', '{{"n": {at}, "ts": {ts}}}'])
def test_a_loop_of_events_that_have_no_time_or_begin_without_one_goes_on(tmp_path, line):
    lines = [line.format(at=at, ts=START + at / 10 if at else "null") for at in range(50)]
    path = write(tmp_path / "a.ndjson", "\n".join(lines))
    played, _ = play(path, until=14, history="0s", loop=True)
    assert [event.n for event in played] == [at % 50 for at in range(len(played))]
    assert [event.came for event in played] == pytest.approx([at / 10 for at in range(len(played))], abs=0.35)
    assert len(played) >= 130


DAYS = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]


@pytest.mark.parametrize("name", ["date", "day", "sold"])
def test_days_are_the_times_of_a_file_that_has_no_better(tmp_path, name):
    text = f"{name},shop,n\n" + "".join(f"{day},s{at % 3},{at}\n" for at, day in enumerate(DAYS))
    played, batches = play(write(tmp_path / "a.csv", text), speed="max", zero=0)
    expected = [datetime.fromisoformat(f"{day}T00:00+00:00").timestamp() for day in DAYS]
    assert [event.shown for event in played] == expected
    assert (batches[0].timed.field, batches[0].timed.refused) == (name, False)
    assert "midnight UTC" in batches[0].timed.why
    played, batches = play(tmp_path / "a.csv", speed="max", zone="Asia/Tokyo", zero=0)
    assert [event.shown for event in played] == [at - 9 * 3600 for at in expected]


def test_the_days_of_a_german_file_are_its_times(tmp_path):
    text = "Datum;Straße;n\n" + "".join(
        f"{day[8:]}.{day[5:7]}.{day[:4]};Allee;1.{at:03},5\n" for at, day in enumerate(DAYS)
    )
    played, batches = play(write(tmp_path / "a.csv", text, encoding="cp1252"), speed="max", zero=0)
    assert [event.shown for event in played] == [
        datetime.fromisoformat(f"{day}T00:00+00:00").timestamp() for day in DAYS
    ]
    assert [event.n for event in played] == [1000.5 + at for at in range(len(DAYS))]
    assert batches[0].timed.field == "Datum"


def test_days_give_way_to_a_time_that_says_more(tmp_path):
    text = "date,at,n\n" + "".join(f"2023-11-14,2023-11-14 22:13:{at:02},{at}\n" for at in range(60))
    played, batches = play(write(tmp_path / "a.csv", text), speed="max", zero=START - 20)
    assert [event.shown for event in played] == list(range(60))
    assert (batches[0].timed.field, batches[0].timed.refused) == ("at", True)
