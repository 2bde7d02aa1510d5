"""What goes into a recording comes out of it, event by event; what is no recording is refused in words."""

import io
import json
import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import TIME, TIME_TYPE, Note
from sources.errors import BadSettings, NotFound, SourceError
from sources.recording import VERSION, Header, read_header, read_tables, write_recording
from sources.recording_header import KEY
from tests.sources.drifting_tables import events_of, tables

HEADER = Header(
    made_us=1_700_000_000_000_000,
    source="kafka",
    title="Kafka",
    link={"source": ["kafka"], "topic": ["metrics"], "where": ["host:eq:a", "host:eq:ß"]},
    format="json",
    format_why="each message is a JSON object",
    time_field="ts",
    time_why="its name says time",
    notes=(Note(5, "deployed 🚀"), Note(7, "<b>rolled back</b>")),
)
NO_EVENT = pa.table({TIME: pa.array([], TIME_TYPE)})


def instants(*micros):
    return pa.array(micros, TIME_TYPE)


def recorded(*given):
    file = io.BytesIO()
    write_recording(file, given, HEADER)
    return file


def parquet(metadata=None, **columns):
    """A Parquet file that somebody else wrote."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), file)
    return file


def with_header(text):
    return parquet({KEY: text}, **{TIME: instants(1)})


@given(st.lists(tables(), max_size=6), st.integers(1, 20))
def test_every_event_comes_back_with_its_values_and_types_in_order(given_tables, rows):
    file = recorded(*given_tables)
    read = list(read_tables(file, rows))
    assert events_of(read) == events_of(given_tables)
    for table in read:
        assert 0 < len(table) <= rows
        assert table.schema.field(0) == pa.field(TIME, TIME_TYPE)
        assert not any(pa.types.is_dictionary(kind) for kind in table.schema.types)


@given(st.lists(tables(), max_size=4))
def test_the_header_comes_back_and_says_how_many_events_and_of_when(given_tables):
    file = io.BytesIO()
    written = write_recording(file, given_tables, HEADER)
    times = [event[TIME][1] for event in events_of(given_tables)]
    assert read_header(file) == written
    assert (written.events, written.from_us, written.to_us) == (
        len(times),
        min(times, default=0),
        max(times, default=0),
    )
    assert (written.link, written.notes, written.version) == (HEADER.link, HEADER.notes, VERSION)


long_texts = st.text(max_size=20).flatmap(lambda text: st.sampled_from([text, text * 1000]))


@given(
    st.lists(long_texts, min_size=6, max_size=6),
    st.dictionaries(long_texts, st.lists(long_texts, max_size=3), max_size=3),
    st.lists(st.builds(Note, st.integers(-(2**60), 2**60), long_texts), max_size=3),
)
def test_whatever_a_board_says_of_itself_its_recording_can_be_read(texts, link, notes):
    names = ("source", "title", "format", "format_why", "time_field", "time_why")
    header = Header(1, **dict(zip(names, texts, strict=True)), link=link, notes=tuple(notes * 100))
    file = io.BytesIO()
    write_recording(file, [NO_EVENT], header)
    assert texts[0].startswith(read_header(file).source)


def test_many_small_tables_become_few_row_groups_and_come_back_as_few_tables():
    rows = [pa.table({TIME: instants(at), "value": [float(at)]}) for at in range(500)]
    file = recorded(*rows)
    assert pq.ParquetFile(file).metadata.num_row_groups == 1
    [read] = read_tables(file)
    assert events_of([read]) == events_of(rows)


def test_pandas_sees_a_field_under_its_own_name_and_integers_among_its_floats():
    file = recorded(
        pa.table({TIME: instants(1, 2), "value": [1.5, 2.5], "host": ["a", "b"]}),
        pa.table({TIME: instants(3), "value": [2**60 + 1], "host": pa.array(["a"]).dictionary_encode()}),
        pa.table({TIME: instants(4), "value": ["n/a"]}),
    )
    frame = pd.read_parquet(file)
    assert list(frame)[:3] == [TIME, "value", "host"]
    assert frame["value"].tolist()[:3] == [1.5, 2.5, float(2**60)]
    assert pd.isna(frame["value"][3])
    assert frame["host"].tolist()[:3] == ["a", "b", "a"]


def test_a_dictionary_that_stands_for_gigabytes_is_written_and_read_in_pieces():
    rows, text = 3_000, "x" * 1_000_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))
    table = pa.table({TIME: pa.array(range(rows), TIME_TYPE), "note": column})
    dense = io.BytesIO()
    pq.write_table(table, dense)
    for file in (recorded(table), dense):
        sizes = [(len(each), each.nbytes) for each in read_tables(file)]
        assert sum(events for events, _ in sizes) == rows
        assert max(size for _, size in sizes) < 40_000_000


def test_a_recording_that_can_not_be_written_leaves_nothing_behind(tmp_path):
    strange = pa.table({TIME: instants(1), "value": pa.array([1], pa.int8())})
    with pytest.raises(ValueError, match="int8"):
        write_recording(tmp_path / "a.parquet", [strange], HEADER)
    assert list(tmp_path.iterdir()) == []


def test_a_recording_replaces_the_one_of_its_name_at_once(tmp_path):
    path = tmp_path / "a.parquet"
    for value in (1, 2):
        write_recording(path, [pa.table({TIME: instants(value)})], HEADER)
    assert [each.name for each in tmp_path.iterdir()] == ["a.parquet"]
    assert read_header(path).from_us == 2


def read_all(place):
    """The header and every event, as a reader would."""
    header = read_header(place)
    return header, list(read_tables(place))


def test_a_recording_cut_short_anywhere_is_refused_in_words():
    table = pa.table({TIME: pa.array(range(500), TIME_TYPE), "host": [f"h{i % 7}" for i in range(500)]})
    whole = recorded(table).getvalue()
    for length in range(0, len(whole), 97):
        with pytest.raises(BadSettings, match=r"can't be read: it is cut short, damaged or no Parquet file.*: choose"):
            read_header(io.BytesIO(whole[:length]))


@given(st.data())
def test_a_damaged_recording_is_read_or_refused_but_no_more(data):
    whole = bytearray(recorded(pa.table({TIME: instants(*range(50)), "value": [i / 7 for i in range(50)]})).getvalue())
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=3)):
        whole[at] = data.draw(st.integers(0, 255))
    try:
        read_all(io.BytesIO(bytes(whole)))
    except SourceError as refusal:
        assert "\n" not in str(refusal)  # noqa: PT017 - most damage is refused, some is not seen


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(content):
    with pytest.raises(BadSettings, match="no Parquet file"):
        read_all(io.BytesIO(content))


def test_a_recording_of_a_newer_version_says_what_to_update():
    newer = json.dumps({"version": VERSION + 1, "something": "new"}).encode()
    with pytest.raises(
        BadSettings, match=r"written by a newer Pulseboard \(format 2; this one reads up to 1\): update it"
    ):
        read_header(with_header(newer))


def test_a_refusal_names_the_open_file_without_its_folders(tmp_path):
    path = tmp_path / "cut.parquet"
    path.write_bytes(recorded(pa.table({TIME: instants(1)})).getvalue()[:-9])
    with path.open("rb") as file, pytest.raises(BadSettings, match=r"^cut\.parquet can't be read"):
        read_header(file)


def test_a_foreign_parquet_file_has_no_header_and_its_columns_as_they_are():
    file = parquet(
        host=pa.array(["a", "b"]).dictionary_encode(),
        codes=pa.array([1, 2]).dictionary_encode(),
        value=pa.array([1, 2], pa.int8()),
        tags=[["x"], ["y", "z"]],
        nothing=[None, None],
    )
    header, [table] = read_all(file)
    assert header is None
    assert table.to_pydict() == {"host": ["a", "b"], "codes": [1, 2], "value": [1, 2], "tags": [["x"], ["y", "z"]]}
    assert table.schema.field("host").type == pa.string()


def test_a_file_that_is_not_there_or_is_none_is_not_found(tmp_path):
    for path in (tmp_path / "a.parquet", tmp_path):
        with pytest.raises(NotFound, match=f"there is no file {path.name}"):
            read_header(path)


GOOD = {"version": 1, "made_us": 1, "source": "kafka", "events": 1, "from_us": 1, "to_us": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1"},
        {"version": True},
        {"version": 0},
        {"made_us": 1.5},
        {"events": -1},
        {"events": 2**70},
        {"from_us": 2},
        {"to_us": None},
        {"source": ["kafka"]},
        {"title": "x" * 5000},
        {"link": []},
        {"link": {"topic": "metrics"}},
        {"link": {"topic": [1]}},
        {"link": {"topic": ["x" * 5000]}},
        {"link": {str(i): [] for i in range(300)}},
        {"notes": {}},
        {"notes": [1]},
        {"notes": [{"at_us": "1", "text": "x"}]},
        {"notes": [{"at_us": 1, "text": ""}]},
        {"notes": [{"at_us": 1, "text": "x" * 201}]},
        {"notes": [{"at_us": 1, "text": "x"}] * 300},
        {"exact": []},
        {"exact": {"a": 1}},
        {"exact": {"a": TIME}},
        {"exact": {TIME: "a"}},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_a_header_that_makes_no_sense_is_refused(wrong):
    assert read_header(with_header(json.dumps(GOOD).encode())).source == "kafka"
    with pytest.raises(BadSettings, match=r"what it says of itself makes no sense \(.*\): record it again"):
        read_header(with_header(json.dumps(GOOD | wrong).encode()))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"version": 1' + b" " * 2_000_000]
)
def test_a_header_that_is_no_header_is_refused(text):
    with pytest.raises(BadSettings, match="makes no sense"):
        read_header(with_header(text))


@pytest.mark.parametrize(
    "columns",
    [
        {"value": [1.0]},
        {TIME: [1]},
        {"value": [1.0], TIME: instants(1)},
        {TIME: instants(1), "value": [[1]]},
        {TIME: instants(1), "value": pa.array([1], pa.int8())},
    ],
    ids=str,
)
def test_a_recordings_columns_must_be_a_feeds(columns):
    with pytest.raises(BadSettings, match="its columns are not those of a recording"):
        read_header(parquet({KEY: json.dumps(GOOD)}, **columns))


def test_events_without_a_time_are_refused():
    file = parquet({KEY: json.dumps(GOOD)}, **{TIME: instants(1, None)})
    with pytest.raises(BadSettings, match="events without a time"):
        list(read_tables(file))


@pytest.mark.parametrize("exact", [{"value": "value"}, {"gone": "value"}, {"value": "x"}, {"value": "", "x": ""}])
def test_a_header_may_say_what_it_will_of_exact_columns(exact):
    file = parquet({KEY: json.dumps(GOOD | {"exact": exact})}, **{TIME: instants(1), "value": [1.5]})
    [table] = read_tables(file)
    assert table.schema.field(0) == pa.field(TIME, TIME_TYPE)
    assert table.to_pydict().get(exact.get("value", "value")) == [1.5]


def test_a_row_group_without_bound_is_refused(monkeypatch):
    monkeypatch.setattr("sources.recording.MOST_GROUP_BYTES", 1000)
    with pytest.raises(BadSettings, match=r"row groups of .* too large to read here"):
        read_header(recorded(pa.table({TIME: pa.array(range(5000), TIME_TYPE)})))


def test_too_many_columns_are_refused():
    file = parquet(**{f"c{i}": [i] for i in range(10_001)})
    with pytest.raises(BadSettings, match="10,001 columns: use a file of 10,000 at most"):
        read_header(file)


@pytest.mark.slow
def test_a_million_events_are_read_in_less_than_a_fifth_of_their_size(tmp_path):
    rows = 100_000
    path = tmp_path / "a.parquet"
    tables = [
        pa.table({TIME: pa.array(range(at, at + rows), TIME_TYPE), **{f"c{i}": [at + i / 7] * rows for i in range(20)}})
        for at in range(0, 2_000_000, rows)
    ]
    write_recording(path, tables, HEADER)
    script = (
        "import sys, pathlib, pyarrow as pa; from sources.recording import read_tables\n"
        "print(sum(map(len, read_tables(pathlib.Path(sys.argv[1])))), pa.default_memory_pool().max_memory())"
    )
    events, most = map(
        int, subprocess.run([sys.executable, "-c", script, path], check=True, capture_output=True).stdout.split()
    )
    assert events == 2_000_000
    assert most < sum(table.nbytes for table in tables) / 5
