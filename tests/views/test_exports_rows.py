"""Rows as files: nothing lost in Parquet, nothing run from CSV."""

import csv as plain_csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.pieces import PIECE_BYTES
from state.download import Refused
from state.tables import concat
from tests.state.lens_by_hand import table_of
from views.exports.rows import common_schema, csv, parquet

RISKY = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")')
SAFE = ("-5", "+5", "-.5e-3", "1-2", "a=b", "", " =1", "ü", 'say "hi", twice', "two\nlines")


def read(data):
    """The head and the rows as a spreadsheet has them."""
    head, *rows = plain_csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return head, rows


def column(data, name):
    head, rows = read(data)
    at = head.index(name)
    return [row[at] for row in rows]


@pytest.mark.parametrize("text", RISKY)
def test_a_text_that_a_spreadsheet_would_run_has_a_mark_before_it(text):
    assert column(csv([table_of([0], note=[text])]), "note") == [f"'{text}"]


@pytest.mark.parametrize("text", SAFE)
def test_any_other_text_stays_as_it_is(text):
    assert column(csv([table_of([0], note=[text])]), "note") == [text]


def test_names_of_columns_are_guarded_like_texts():
    assert read(csv([table_of([0], **{"=cmd": [1], "-7": [2]})]))[0] == ["_time", "'=cmd", "-7"]


def test_numbers_are_numbers_and_times_are_of_utc():
    table = table_of([0.25], low=[-5], odd=[-0.5], yes=[True], none=pa.nulls(1, pa.string()))
    [row] = read(csv([table]))[1]
    assert row == ["2023-11-14T22:13:20.250000Z", "-5", "-0.5", "true", ""]


def test_no_text_and_an_empty_one_differ():
    lines = csv([table_of([0, 1], note=["", None])]).decode().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ['""', ""]


def test_columns_that_drift_are_joined():
    old = table_of([0], value=[1], host=pa.array(["a"]).dictionary_encode())
    new = table_of([1], value=[0.5], extra=["x"])
    head, rows = read(csv([old, new]))
    assert head == ["_time", "value", "host", "extra"]
    assert [row[1:] for row in rows] == [["1", "a", ""], ["0.5", "", "x"]]


def test_nothing_gives_files_that_open():
    assert read(csv([table_of([], v=pa.array([], pa.int64()))])) == (["_time", "v"], [])
    assert pq.read_table(io.BytesIO(parquet([]))).num_rows == 0
    assert csv([]).decode("utf-8-sig").strip() == ""


cells = st.one_of(st.none(), st.text(max_size=8), st.sampled_from(RISKY + SAFE))
batches = st.lists(
    st.lists(st.tuples(st.none() | st.integers(-(2**63), 2**63 - 1), cells), max_size=5), min_size=1, max_size=4
)


@given(batches)
def test_parquet_holds_exactly_what_the_tables_do(rows):
    tables = [
        table_of(
            range(len(batch)),
            n=pa.array([n for n, _ in batch], pa.int64()),
            s=pa.array([text for _, text in batch], pa.string()),
        )
        for batch in rows
    ]
    assert pq.read_table(io.BytesIO(parquet(tables))).equals(concat(tables))
    assert common_schema(tables) == concat(tables).schema


@given(batches)
def test_csv_holds_every_row_and_no_formula(rows):
    tables = [table_of(range(len(batch)), s=pa.array([text for _, text in batch], pa.string())) for batch in rows]
    given_texts = [text or "" for batch in rows for _, text in batch]
    found = column(csv(tables), "s")
    assert [
        text.removeprefix("'") if text != given else text for text, given in zip(found, given_texts, strict=True)
    ] == given_texts
    assert not [text for text in found if text[:1] in {"=", "@", "\t", "\r"}]


def test_rows_are_joined_in_groups_of_some_size():
    tables = [table_of(np.arange(1000), v=np.arange(1000) * float(n)) for n in range(150)]
    file = pq.ParquetFile(io.BytesIO(parquet(tables)))
    assert file.metadata.num_rows == 150_000
    assert file.num_row_groups == 3
    assert len(read(csv(tables))[1]) == 150_000


def test_a_text_that_repeats_is_written_out_a_piece_at_a_time():
    text = pa.array(["x" * 200_000]).dictionary_encode()
    table = table_of(range(1000), t=pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), text.dictionary))
    data = parquet([table])
    assert len(data) < 100_000
    file = pq.ParquetFile(io.BytesIO(data))
    rows = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert sum(rows) == 1000
    assert max(rows) * 200_000 <= PIECE_BYTES
    with pytest.raises(Refused, match="the file is over 10 MB: choose a shorter span"):
        csv([table], most=10_000_000)
    with pytest.raises(Refused, match="over 0 MB"):
        parquet([table], most=1_000)
