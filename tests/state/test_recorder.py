"""What a feed gave is on disk once, in order, within its bound, whoever stops what and when."""

import gc
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pytest

from sources.batch import Note, Reading
from sources.errors import EndOfStream, NotFound
from sources.kafka import Kafka
from sources.recording import read_header, read_tables, write_recording
from sources.recordings import ENDING, offered, parts
from sources.simulated import Simulated
from state.board import Board
from state.feed import Feed
from state.recorder import Recorder
from state.recorders import MOST_AT_ONCE, Recorders
from state.saving import header_of, held, last, recording_bytes, save
from tests.sources.drifting_tables import events_of
from tests.state.feeds_by_hand import START, ByHand, events, until

ROOT = Path(__file__).parent.parent.parent
FAST = Simulated(rate=20_000, history="30s")


@pytest.fixture
def start():
    """Start feeds, and recorders; all of them end with the test."""
    started = []

    def make(source, **options):
        feed = Feed(source, **options)
        started.append(feed)
        feed.start()
        return feed

    yield make
    for feed in started:
        feed.close()
        assert feed.join(5)


@pytest.fixture
def record(tmp_path):
    started = []

    def make(feed, name="night", **options):
        options = {"part_s": 0.01, "pull_s": 0.005, "cursor": 0, "folder": tmp_path / "recordings"} | options
        recorder = Recorder(feed, Board(feed.source), name, **options)
        started.append(recorder)
        recorder.start()
        return recorder

    yield make
    for recorder in started:
        recorder.stop()
        assert recorder.join(10)


def on_disk(path):
    return events_of(table for part in parts(path) for table in read_tables(part))


def fed(feed):
    return events_of(held(feed))


def test_every_event_of_a_feed_is_recorded_once_and_in_order_over_several_parts(start, record, tmp_path):
    feed = start(FAST)
    recorder = record(feed, part_events=70_000, part_s=60)
    until(lambda: recorder.progress.events >= 560_000)
    feed.close()
    assert recorder.join(10)
    assert feed.join(5)
    assert feed.seen >= 560_000
    assert recorder.progress.message == "the feed was closed"
    assert (recorder.progress.events, recorder.progress.waiting, recorder.progress.missed) == (feed.seen, 0, 0)
    headers = [read_header(part) for part in parts(tmp_path / "recordings/night")]
    assert sum(header.events for header in headers) == feed.seen
    assert [header.events for header in headers[:-1]] == [70_000] * (len(headers) - 1)
    read = pa.concat_tables(table for part in parts(tmp_path / "recordings/night") for table in read_tables(part))
    assert read.cast(feed_schema := read.schema).equals(
        pa.concat_tables(table.cast(feed_schema) for table in held(feed))
    )


def test_a_stop_writes_what_was_read_and_starting_again_appends(start, tmp_path):
    recorders = Recorders(tmp_path / "recordings")
    source = ByHand()
    feed = start(source)
    for values in ([1, 2], [3]):
        recorder = recorders.start(feed, Board(source), "night")
        seen = feed.seen
        source.give(events(values))
        until(lambda: feed.seen == seen + len(values))  # noqa: B023 - called at once
        recorders.stop(source)
        assert recorder.join(10)
        assert recorder.progress.events == len(values)
        assert not recorder.progress.running
    assert on_disk(tmp_path / "recordings/night") == fed(feed)
    assert recorders.of(source).progress.files == 2


def test_recording_begins_with_the_next_event_unless_told(start, record, tmp_path):
    source = ByHand()
    feed = start(source)
    source.give(events([1, 2]))
    until(lambda: feed.seen == 2)
    recorder = record(feed, cursor=None)
    source.give(events([3]))
    until(lambda: recorder.progress.events == 1)
    assert [event["value"][1] for event in on_disk(tmp_path / "recordings/night")] == [fed(feed)[2]["value"][1]]


@dataclass(frozen=True)
class Finite(ByHand):
    """Ends, as a file does."""

    kind: ClassVar[str] = "finite"


@pytest.mark.parametrize(
    ("end", "words"),
    [(EndOfStream(), "the feed has ended"), (NotFound("the topic is gone"), "the feed has failed: the topic is gone")],
)
def test_a_feed_that_ends_or_fails_is_recorded_to_its_last_event(start, record, tmp_path, end, words):
    source = Finite()
    feed = start(source)
    recorder = record(feed, part_s=60)
    source.give(events([1, 2]), events([3]))
    until(lambda: recorder.progress.waiting == 3)
    assert recorder.progress.events == 0
    source.give(end)
    assert recorder.join(10)
    assert recorder.progress.message.startswith(words)
    assert on_disk(tmp_path / "recordings/night") == fed(feed)
    assert recorder.progress.events == 3


def test_the_oldest_parts_of_this_recording_alone_go_beyond_the_bound(start, record, tmp_path):
    folder = tmp_path / "recordings"
    (folder / "night").mkdir(parents=True)
    (folder / "night" / "mine.parquet").write_bytes(b"x" * 500_000)
    (folder / "other").mkdir()
    (folder / "other" / "00000001-20240101T000000Z.parquet").write_bytes(b"x" * 500_000)
    feed = start(FAST)
    recorder = record(feed, part_events=10_000, most_bytes=900_000)
    until(lambda: feed.seen >= 600_000 and recorder.progress.events >= 600_000)
    recorder.stop()
    assert recorder.join(10)
    files = sorted((folder / "night").glob("0*.parquet"))
    sizes = [path.stat().st_size for path in files]
    assert 900_000 / 2 < sum(sizes) <= 900_000
    assert (recorder.progress.files, recorder.progress.size) == (len(files), sum(sizes))
    numbers = [int(path.name[:8]) for path in files]
    assert numbers == list(range(numbers[0], numbers[0] + len(files)))
    assert numbers[0] > 1
    assert (folder / "night/mine.parquet").exists()
    assert len(list((folder / "other").iterdir())) == 1


def test_the_newest_part_stays_however_small_the_bound(start, record, tmp_path):
    source = ByHand()
    feed = start(source)
    recorder = record(feed, most_bytes=1)
    source.give(events([1]))
    until(lambda: recorder.progress.events == 1)
    source.give(events([2]))
    until(lambda: recorder.progress.events == 2)
    assert on_disk(tmp_path / "recordings/night") == fed(feed)[1:]


def test_events_that_left_the_feeds_memory_before_they_were_read_are_counted(start, record, tmp_path):
    source = ByHand()
    feed = start(source, max_events=1)
    for at in range(4):
        source.give(events(range(9000 * at, 9000 * (at + 1))))
    until(lambda: feed.seen == 36_000)
    assert feed.retained.events < 36_000
    recorder = record(feed)
    until(lambda: recorder.progress.events > 0)
    assert recorder.progress.missed + recorder.progress.events == 36_000
    assert on_disk(tmp_path / "recordings/night") == fed(feed)


def test_a_recorded_feed_stays_although_nobody_watches(start, record):
    feed = start(ByHand(), idle_s=0.2)
    begun = time.monotonic()
    record(feed)
    until(lambda: feed._watchers._since > begun + 5 * 0.2)
    assert not feed.join(0)


def recorded_and_ended(folder):
    """A recorder that has ended, and the feed that nobody else has."""
    feed = Feed(ByHand())
    feed.start()
    feed.source.give(events([1, 2]))
    until(lambda: feed.seen == 2)
    recorder = Recorder(feed, Board(feed.source), "night", folder, cursor=0)
    recorder.start()
    recorder.stop()
    assert recorder.join(10)
    feed.close()
    assert feed.join(5)
    return recorder, weakref.ref(feed)


def test_a_recorder_that_has_ended_holds_nothing_of_its_feed(tmp_path):
    recorder, feed = recorded_and_ended(tmp_path)
    gc.collect()
    assert feed() is None
    assert (recorder.source.kind, recorder.name, recorder.progress.events) == (ByHand.kind, "night", 2)


def test_a_disk_that_refuses_ends_the_recording_and_says_so(start, record, tmp_path):
    source = ByHand()
    feed = start(source)
    (tmp_path / "file").write_text("no folder can be below it")
    recorder = record(feed, folder=tmp_path / "file")
    assert recorder.join(10)
    assert recorder.progress.message.startswith("the recording can't be written in file/: Not a directory")


def test_a_disk_that_refuses_later_ends_it_too_and_what_is_lost_is_counted(start, record, tmp_path):
    source = ByHand()
    feed = start(source)
    recorder = record(feed)
    source.give(events([1]))
    until(lambda: recorder.progress.events == 1)
    for part in parts(tmp_path / "recordings/night"):
        part.unlink()
    (tmp_path / "recordings/night").rmdir()
    source.give(events([2, 3]))
    assert recorder.join(10)
    assert "No such file" in recorder.progress.message
    assert (recorder.progress.events, recorder.progress.missed) == (1, 2)


def test_a_crash_leaves_halves_that_the_next_start_removes(start, record, tmp_path):
    folder = tmp_path / "recordings/night"
    folder.mkdir(parents=True)
    (folder / ".00000001-20240101T000000Z.parquet.ab12").write_text("half")
    (folder / ".keep").write_text("mine")
    source = ByHand()
    recorder = record(start(source))
    source.give(events([1]))
    until(lambda: recorder.progress.events == 1)
    assert sorted(path.name for path in folder.glob(".*")) == [".keep"]


def test_a_feed_is_recorded_once_and_a_name_is_one_feeds(start, tmp_path):
    recorders = Recorders(tmp_path)
    one, other = ByHand("one"), ByHand("other")
    feed, second = start(one), start(other)
    recorder = recorders.start(feed, Board(one), "night")
    with pytest.raises(ValueError, match="this feed is being recorded already"):
        recorders.start(feed, Board(one), "day")
    with pytest.raises(ValueError, match="a feed is being recorded as 'NIGHT'"):
        recorders.start(second, Board(other), "NIGHT")
    one.give(events([1]))
    until(lambda: feed.seen == 1)
    recorders.close()
    assert recorder.join(0)
    other_kind = Simulated()
    third = start(other_kind)
    with pytest.raises(ValueError, match="a recording 'night' of something else"):
        recorders.start(third, Board(other_kind), "night")
    save("alone", feed, Board(one), (None, None), folder=tmp_path)
    with pytest.raises(ValueError, match="a recording 'alone' of something else"):
        recorders.start(feed, Board(one), "alone")
    with pytest.raises(ValueError, match="is no recording's name"):
        recorders.start(feed, Board(one), "../night")


def test_only_so_many_feeds_are_recorded_at_once(start, tmp_path):
    recorders = Recorders(tmp_path)
    for number in range(MOST_AT_ONCE):
        recorders.start(start(ByHand(str(number))), Board(ByHand(str(number))), f"night-{number}")
    with pytest.raises(ValueError, match=f"{MOST_AT_ONCE} feeds are being recorded already: stop one first"):
        recorders.start(start(ByHand("late")), Board(ByHand("late")), "late")
    recorders.close()
    recorders.start(start(ByHand("late")), Board(ByHand("late")), "late")
    recorders.close()


def test_a_folder_of_recordings_that_is_full_takes_no_new_one_but_goes_on_with_the_old(
    start, ten, tmp_path, monkeypatch
):
    monkeypatch.setattr("state.saving.MOST_RECORDINGS", 2)
    recorders = Recorders(tmp_path)
    board = Board(ten.source)
    feed = start(ByHand("night"))
    recorders.start(feed, Board(feed.source), "night")
    recorders.close()
    (night,) = tmp_path.iterdir()
    assert night.is_dir()
    write_recording(night / f"00000001-20260101T000000Z{ENDING}", held(ten), header_of(ten, Board(feed.source), START))
    recorders.save("one", ten, board, (None, None))
    with pytest.raises(ValueError, match=r"2 recordings are in .* already: remove one first"):
        recorders.save("two", ten, board, (None, None))
    with pytest.raises(ValueError, match=r"2 recordings are in .* already: remove one first"):
        recorders.start(start(ByHand("other")), Board(ByHand("other")), "other")
    recorders.start(feed, Board(feed.source), "night")
    recorders.close()


def test_many_who_start_at_once_make_one_recorder(start, tmp_path):
    recorders = Recorders(tmp_path)
    source = ByHand()
    feed = start(source)
    made, refused = [], []

    def ask():
        try:
            made.append(recorders.start(feed, Board(source), "night"))
        except ValueError as problem:
            refused.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    recorders.close()
    assert (len(made), len(refused)) == (1, 19)


def test_nothing_is_saved_beside_a_recording_that_has_just_begun(start, tmp_path):
    recorders = Recorders(tmp_path)
    source = ByHand()
    feed = start(source)
    source.give(events([1]))
    until(lambda: feed.seen == 1)
    recorder = recorders.start(feed, Board(source), "night")
    for name in ("night", "NIGHT"):
        with pytest.raises(ValueError, match=f"a feed is being recorded as '{name}': choose another name"):
            recorders.save(name, feed, Board(source), (None, None))
    recorders.close()
    assert recorder.join(0)
    with pytest.raises(
        ValueError, match="there is a recording 'night' already"
    ):  # its folder, though it has no part yet
        recorders.save("night", feed, Board(source), (None, None))
    assert recorders.save("day", feed, Board(source), (None, None)).events == 1


def test_of_two_who_save_under_one_name_one_is_told(ten, tmp_path):
    board, meanwhile = Board(ten.source), []

    def slow():  # what is saved is looked up last, so somebody else may be done by then
        meanwhile.append(save("incident", ten, board, last(ten, 3), folder=tmp_path))
        yield from held(ten)

    with pytest.raises(ValueError, match="there is a recording 'incident' already: choose another name"):
        save("incident", ten, board, (None, None), tables=slow(), folder=tmp_path)
    assert on_disk(tmp_path / "incident.parquet") == fed(ten)[6:]
    recorders = Recorders(tmp_path)

    def slower():
        with pytest.raises(ValueError, match="there is a recording 'Other' already"):
            recorders.save("Other", ten, board, (None, None))
        with pytest.raises(ValueError, match="there is a recording 'other' already"):
            recorders.start(ten, board, "other")
        yield from held(ten)

    assert recorders.save("other", ten, board, (None, None), tables=slower()).events == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident.parquet", "other.parquet"]


def test_each_part_says_how_the_feed_was_read_and_what_was_noted(start, record, tmp_path):
    source = ByHand()
    feed = start(source)
    feed.notes.add(Note(START, "deployed"))
    recorder = record(feed)
    source.give(events([1]))
    until(lambda: recorder.progress.events == 1)
    feed.notes.add(Note(START, "rolled back"))
    feed.reading = Reading("json", "asked for")
    source.give(events([2]))
    until(lambda: recorder.progress.events == 2)
    first, second = map(read_header, parts(tmp_path / "recordings/night"))
    assert [note.text for note in first.notes] == ["deployed"]
    assert [note.text for note in second.notes] == ["deployed", "rolled back"]
    assert (second.format, second.format_why, second.time_field) == ("json", "asked for", "time")
    assert (second.source, second.title) == ("by hand", "By hand")


RECORDING = """
import sys, threading
from pathlib import Path
from sources.simulated import Simulated
from state.board import Board
from state.feed import Feed
from state.recorder import Recorder
from state.recorders import MOST_AT_ONCE, Recorders

source = Simulated(rate=20_000, history="10s")
feed = Feed(source)
recorders = Recorders(Path(sys.argv[1]))
feed.start()
feed.wait_for_first_events(10)
recorder = recorders.start(feed, Board(source), "night")
while not recorder.progress.events or not recorder.progress.waiting:
    threading.Event().wait(0.01)
print(recorder.progress.events, recorder.progress.waiting, flush=True)
if sys.argv[2] == "crash":
    threading.Event().wait()
"""


@pytest.mark.parametrize("end", ["crash", "exit"])
def test_a_crash_loses_no_part_that_was_written_and_an_exit_nothing(tmp_path, end):
    command = [sys.executable, "-c", RECORDING, str(tmp_path), end]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        written, waiting = map(int, process.stdout.readline().split())
        if end == "crash":
            process.kill()
        process.wait(30)
    files = parts(tmp_path / "night")
    events = sum(len(table) for part in files for table in read_tables(part))
    assert events == sum(read_header(part).events for part in files)
    assert written >= 100_000
    assert waiting > 0
    assert events >= written + (waiting if end == "exit" else 0)


@pytest.fixture
def ten(start):
    """A feed of ten events, one a second, the fourth of them two seconds late."""
    source = ByHand()
    feed = start(source)
    source.give(events(range(10), at=[0, 1, 2, 1, 4, 5, 6, 7, 8, 9]))
    until(lambda: feed.seen == 10)
    return feed


def value_of(read):
    return [event["value"][1] for event in read]


def test_a_span_is_saved_as_it_came_its_late_events_among_it(ten, tmp_path):
    second = START * 1_000_000
    header = save("incident", ten, Board(ten.source), (second + 1_000_000, second + 5_000_000), folder=tmp_path)
    assert offered(tmp_path) == ["incident"]
    read = on_disk(tmp_path / "incident.parquet")
    assert read == fed(ten)[1:6]
    assert (header.events, header.from_us, header.to_us) == (5, second + 1_000_000, second + 5_000_000)
    assert header == read_header(tmp_path / "incident.parquet")


def test_the_last_seconds_end_with_the_newest_event(ten, tmp_path):
    save("last", ten, Board(ten.source), last(ten, 3), folder=tmp_path)
    assert on_disk(tmp_path / "last.parquet") == fed(ten)[6:]


def test_what_a_viewer_holds_is_saved_although_the_feed_has_forgotten_it(ten, tmp_path):
    kept = [events([1, 2]).table.rename_columns(["_time", "host", "value"])]
    save("kept", ten, Board(ten.source), (None, None), tables=kept, folder=tmp_path)
    assert on_disk(tmp_path / "kept.parquet") == events_of(kept)


def test_a_download_is_the_file_that_a_save_writes(ten, tmp_path):
    content = recording_bytes(ten, Board(ten.source), last(ten, 3))
    (tmp_path / "a.parquet").write_bytes(content)
    assert on_disk(tmp_path / "a.parquet") == fed(ten)[6:]
    with pytest.raises(ValueError, match="over 0 MB: choose a shorter span"):
        recording_bytes(ten, Board(ten.source), last(ten, 3), most=100)


@pytest.mark.parametrize(
    ("name", "span", "words"),
    [
        ("../x", (None, None), "is no recording's name"),
        ("taken", (None, None), "there is a recording 'taken' already: choose another name"),
        ("new", (0, 1), "no event of that time is held any more"),
    ],
)
def test_what_can_not_be_saved_says_why_and_leaves_nothing(ten, tmp_path, name, span, words):
    save("taken", ten, Board(ten.source), (None, None), folder=tmp_path)
    with pytest.raises(ValueError, match=words):
        save(name, ten, Board(ten.source), span, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["taken.parquet"]


def test_a_disk_that_refuses_a_save_says_so(ten, tmp_path):
    (tmp_path / "file").write_text("no folder can be below it")
    with pytest.raises(ValueError, match="can't be written in file/: "):
        save("x", ten, Board(ten.source), (None, None), folder=tmp_path / "file")


def test_a_header_holds_no_secret():
    secrets = (
        ("bootstrap_servers", "hidden-broker:9092"),
        ("security_protocol", "SASL_SSL"),
        ("sasl_mechanism", "PLAIN"),
        ("sasl_plain_username", "hidden-user"),
        ("sasl_plain_password", "hidden-password"),
    )
    source = Kafka("metrics", connection="plant", properties=secrets)
    header = header_of(Feed(source), Board(source, where=("host:eq:a", "zone:eq:b")), START)
    assert "hidden" not in repr(header)
    assert header.link == {
        "source": ["kafka"],
        "topic": ["metrics"],
        "connection": ["plant"],
        "where": ["host:eq:a", "zone:eq:b"],
    }
