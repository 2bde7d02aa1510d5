"""Anybody's Parquet file: its columns become those of events, and none makes memory grow without bound."""

import datetime as dt
import decimal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.errors import BadSettings
from sources.pieces import PIECE_BYTES
from sources.replay import Replay
from sources.replay_columns import bytes_of
from sources.replay_files import open_part
from tests.sources.contract import COLUMN_TYPES
from tests.sources.replays import START, play

MOMENT = dt.datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001 - as files hold it
ZONED = MOMENT.replace(tzinfo=dt.UTC)
ROOT = Path(__file__).parent.parent.parent


def back(tmp_path, zone="", **columns):
    """What a part makes of these columns."""
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    part = open_part(tmp_path / "a.parquet", "auto", zone)
    tables = [piece.table for piece in part.pieces()]
    part.close()
    assert {column.type for table in tables for column in table.columns} <= COLUMN_TYPES
    return pa.concat_tables(tables).to_pydict()


@pytest.mark.parametrize(
    ("kind", "cells", "become"),
    [
        (pa.int8(), [1, None], [1, None]),
        (pa.uint32(), [2**32 - 1], [2**32 - 1]),
        (pa.uint64(), [2**63 - 1], [2**63 - 1]),
        (pa.uint64(), [2**64 - 1], [2.0**64]),
        (pa.float32(), [1.5, float("nan"), float("inf")], [1.5, None, None]),
        (pa.float64(), [1.5, None], [1.5, None]),
        (pa.decimal128(20, 3), [decimal.Decimal("1234.567")], [1234.567]),
        (pa.bool_(), [True, None], [True, None]),
        (pa.large_string(), ["ä", None], ["ä", None]),
        (pa.dictionary(pa.int8(), pa.string()), ["a", "b", None, "a"], ["a", "b", None, "a"]),
        (pa.binary(), [b"text", b"\xff\x00", None], ["text", "ff00", None]),
        (pa.binary(2), [b"ok", b"\xff\x00"], ["ok", "ff00"]),
        (pa.date32(), [MOMENT.date()], [ZONED.replace(hour=0, minute=0, second=0)]),
        (pa.date64(), [MOMENT.date()], [ZONED.replace(hour=0, minute=0, second=0)]),
        (pa.timestamp("s"), [MOMENT], [ZONED]),
        (pa.timestamp("ns"), [MOMENT], [ZONED]),
        (pa.timestamp("ms", "America/New_York"), [ZONED], [ZONED]),
        (pa.timestamp("us"), pa.array([2**62, 0]), [None, dt.datetime(1970, 1, 1, tzinfo=dt.UTC)]),
        (pa.time64("us"), [dt.time(0, 1, 0, 500_000)], [60.5]),
        (pa.time32("ms"), [dt.time(0, 1)], [60.0]),
        (pa.duration("ms"), [dt.timedelta(seconds=1.5)], [1.5]),
        (pa.list_(pa.int64()), [[1, 2], None, []], ["[1,2]", None, "[]"]),
        (pa.list_(pa.string()), [["a"], None], ['["a"]', None]),
        (pa.list_(pa.int64(), 2), [[1, 2]], ["[1,2]"]),
        (pa.map_(pa.string(), pa.int64()), [[("k", 1)]], ['[["k",1]]']),
        (
            pa.list_(pa.struct([("t", pa.timestamp("us", "UTC"))])),
            [[{"t": ZONED}]],
            ['[{"t":"2023-11-14T22:13:20+00:00"}]'],
        ),
    ],
    ids=str,
)
def test_a_column_becomes_one_that_a_batch_may_have(tmp_path, kind, cells, become):
    column = cells.cast(kind) if isinstance(cells, pa.Array) else pa.array(cells, kind)
    assert back(tmp_path, a=column) == {"a": become}


def test_nested_columns_become_dotted_names(tmp_path):
    inner = [{"zone": "eu", "at": {"x": 1.0}}, None, {"zone": None, "at": None}]
    assert back(tmp_path, a=inner, b=[1, 2, 3]) == {
        "a.zone": ["eu", None, None],
        "a.at.x": [1.0, None, None],
        "b": [1, 2, 3],
    }


def test_names_that_are_reserved_or_meet_stay_apart(tmp_path):
    found = back(tmp_path, **{"_partition": [1], "a": [{"b": 1}], "a.b": [2], "": [3]})
    assert found == {"value._partition": [1], "a.b": [1], "a.b'": [2], "value.": [3]}


def test_a_column_of_nothing_makes_no_field(tmp_path):
    assert back(tmp_path, a=pa.nulls(2), b=pa.array([None, None], pa.string()), c=[1, 2]) == {"c": [1, 2]}


def test_instants_without_a_zone_are_those_of_the_zone_that_is_named(tmp_path):
    found = back(tmp_path, zone="Europe/Berlin", a=pa.array([MOMENT], pa.timestamp("us")))
    assert found == {"a": [ZONED - dt.timedelta(hours=1)]}


def test_a_parquet_file_is_played_by_its_time_in_its_rhythm(tmp_path):
    at = pa.array([(START + second) * 1000 for second in range(10)]).cast(pa.timestamp("ms"))
    pq.write_table(pa.table({"n": range(10), "created_at": at}), tmp_path / "a.parquet", row_group_size=3)
    played, batches = play(tmp_path / "a.parquet", history="2s", zero=START)
    assert [event.came for event in played] == [0, 0, 0, *range(1, 8)]
    assert [event.shown for event in played] == list(range(10))
    assert batches[0].reading.format == "parquet"
    played, _ = play(tmp_path / "a.parquet", speed="max", times="now")
    assert [event.shown for event in played] == list(range(-9, 1))


def test_more_columns_than_a_board_can_show_are_left_out(tmp_path):
    assert len(back(tmp_path, **{f"c{number}": [number] for number in range(2_000)})) == 500


def test_too_many_columns_are_refused(tmp_path):
    pq.write_table(pa.table({f"c{number}": [number] for number in range(10_001)}), tmp_path / "a.parquet")
    with pytest.raises(BadSettings, match="10,001 columns: "):
        Replay(path=str(tmp_path / "a.parquet")).open()


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.binary(), pa.list_(pa.string()), pa.struct([("a", pa.string())]), pa.map_(pa.string(), pa.int8())],
)
def test_the_size_of_what_a_dictionary_stands_for_is_known(kind):
    text = "x" * 1000
    value = {
        pa.string(): text,
        pa.binary(): text.encode(),
        pa.list_(pa.string()): [text],
        pa.struct([("a", pa.string())]): {"a": text},
    }.get(kind, [(text, 1)])
    array = pa.array([value] * 100, kind)
    if kind in (pa.string(), pa.binary()):
        array = array.dictionary_encode()
    assert 100_000 <= bytes_of(array) < 110_000
    assert 10_000 <= bytes_of(array.slice(50, 10)) < 11_500 or kind in (pa.string(), pa.binary())


SCRIPT = """
import sys
from pathlib import Path
from sources.replay_files import open_part
part = open_part(Path(sys.argv[1]), "auto", "")
rows = sum(len(piece.table) for piece in part.pieces())
# Not getrusage's: that of a new process counts what the one that started it had.
print(rows, Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.parametrize("kind", [pa.string(), pa.binary()], ids=str)
def test_a_few_bytes_that_stand_for_gigabytes_take_little_memory(tmp_path, kind):
    rows = 1_000
    text = pa.array(["x" * 1_000_000]).cast(kind)
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), text)
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"a": column}), path, dictionary_pagesize_limit=2**30)
    assert path.stat().st_size < 3_000_000
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert int(done[0]) == rows
    assert int(done[1]) < 600_000, "kilobytes"


def test_a_row_that_is_too_large_is_malformed_and_its_neighbours_live(tmp_path):
    pq.write_table(pa.table({"n": [0, 1, 2], "a": ["x", "y" * (PIECE_BYTES + 1), "z"]}), tmp_path / "a.parquet")
    played, batches = play(tmp_path / "a.parquet", speed="max")
    assert [event.n for event in played] == [0, 2]
    [sample] = [each for batch in batches for each in batch.samples]
    assert sample.where == "a.parquet, row 2"
    assert "too much for one row" in sample.reason


def test_lists_of_too_many_values_are_refused(tmp_path):
    listed = pa.ListArray.from_arrays(pa.array([0, 21_000_000], pa.int32()), pa.nulls(21_000_000, pa.int8()))
    pq.write_table(pa.table({"a": listed}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    with pytest.raises(BadSettings, match="lists of 21,000,000 values"):
        Replay(path=str(tmp_path / "a.parquet")).open()
