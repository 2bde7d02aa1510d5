"""SQLite files: read alone, each row once, whatever a query tries."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import text

from sources.batch import Batch
from sources.errors import BadSettings, Mendable, NotFound, SourceError, Unreachable
from sources.protocol import Reader
from sources.sql import Sql
from sources.sql_database import Database
from tests.sources import contract
from tests.sources.contract import Subject, read


class Shop:
    """A file with a table `sales`, whose numbers `n` count from 0."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.run("pragma journal_mode = wal")
        self.run(
            "create table sales (id integer primary key, n integer, price real, at text default current_timestamp)"
        )

    def run(self, statement: str, *rows: tuple[Any, ...]) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            if rows:
                connection.executemany(statement, rows)
            else:
                connection.execute(statement)

    def sell(self, count: int) -> None:
        rows = [(number, number / 2) for number in range(self.count, self.count + count)]
        self.run("insert into sales (n, price) values (?, ?)", *rows)
        self.count += count

    def source(self, **settings: str) -> Sql:
        chosen = {} if "query" in settings else {"table": "sales"}
        return Sql(**{**chosen, "url": f"sqlite:///{self.path}", "start": "earliest", "every": "0.2s", **settings})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.sqlite")


@pytest.fixture
def opened() -> Iterator[list[Reader]]:
    readers: list[Reader] = []
    yield readers
    for reader in readers:
        reader.close()


def numbers(batches: list[Batch]) -> list[int]:
    return [number for batch in batches if len(batch) for number in batch.table["n"].to_pylist()]


def first(source: Sql, opened: list[Reader], count: int = 1) -> list[Batch]:
    opened.append(source.open())
    return read(opened[-1], count)


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_a_table_keeps_the_contract(check: Any, shop: Shop, tmp_path: Path) -> None:
    quiet = Shop(tmp_path / "quiet.sqlite")

    def in_order(table: pa.Table) -> bool:
        return bool((np.diff(table["n"].to_numpy()) > 0).all())

    check(Subject(shop.source().open, quiet.source().open, shop.sell, in_order))


def test_history_comes_first_and_then_what_is_new_each_row_once(shop: Shop, opened: list[Reader]) -> None:
    shop.sell(50)
    batches = first(shop.source(), opened, 50)
    shop.sell(30)
    batches += read(opened[0], 30)
    assert numbers(batches) == list(range(80))
    reading = batches[0].reading
    assert reading is not None
    assert "key `id`" in reading.why
    assert "read-only" in reading.why


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("latest", [], marks=pytest.mark.slow),
        pytest.param("last 5", [15, 16, 17, 18, 19], marks=pytest.mark.slow),
        ("10m", list(range(10, 20))),
    ],
)
def test_history_begins_where_the_settings_say(
    shop: Shop, opened: list[Reader], start: str, expected: list[int]
) -> None:
    shop.sell(20)
    shop.run("update sales set at = datetime('now', '-1 hour') where n < 10")
    opened.append(shop.source(start=start).open())
    until = contract.poll_through
    batches: list[Batch] = []
    until(opened[0], lambda found: any(batch.reading for batch in found) or len(found) > 3, batches)
    shop.sell(1)
    until(opened[0], lambda found: 20 in numbers(found), batches)
    assert numbers(batches) == [*expected, 20]


def test_times_of_a_clock_that_runs_with_ours_stand_beside_the_rows(shop: Shop, opened: list[Reader]) -> None:
    shop.sell(20)
    shop.run("update sales set at = datetime('now', '-1 hour') where n < 10")
    [batch] = [each for each in first(shop.source(), opened, 20) if len(each)]
    stamps = batch.table["_timestamp"].cast(pa.int64()).to_numpy() / 1e6
    assert abs(stamps[0] - (time.time() - 3600)) < 60
    assert abs(stamps[-1] - time.time()) < 60


def test_a_table_without_a_key_is_followed_by_its_rowid(shop: Shop, opened: list[Reader]) -> None:
    shop.run("create table bare (n integer, v real)")
    shop.run("insert into bare values (?, ?)", (0, 1.5), (1, float("inf")), (2, None))
    [batch] = [each for each in first(shop.source(table="bare"), opened, 3) if len(each)]
    assert batch.table.select(["n", "v"]).to_pydict() == {"n": [0, 1, 2], "v": [1.5, None, None]}
    assert "rowid" not in batch.table.column_names


@pytest.mark.slow
def test_equal_times_at_the_watermark_are_each_read_once(shop: Shop, opened: list[Reader]) -> None:
    shop.run("create table ticks (n integer, at text)")
    shop.run("insert into ticks values (?, ?)", *[(n, "2026-05-01 12:00:00") for n in range(3)])
    batches = first(shop.source(table="ticks", watermark="at"), opened, 3)
    shop.run(
        "insert into ticks values (?, ?)",
        (3, "2026-05-01 12:00:00"),
        (4, "2026-05-01 12:00:01"),
        (4, "2026-05-01 12:00:01"),
    )
    batches += read(opened[0], 3)
    shop.run("insert into ticks values (?, ?)", (5, "2026-05-01 12:00:00"), (6, "2026-05-01 12:00:02"))
    batches += read(opened[0], 2)
    assert sorted(numbers(batches)) == [0, 1, 2, 3, 4, 4, 5, 6]


@pytest.mark.slow
def test_a_page_that_ends_among_equal_times_loses_none(shop: Shop, opened: list[Reader]) -> None:
    shop.run("create table ticks (n integer, at text)")
    shop.run("insert into ticks values (?, ?)", *[(n, f"2026-05-01 12:00:{n // 15_000:02d}") for n in range(40_000)])
    batches = first(shop.source(table="ticks", watermark="at"), opened, 40_000)
    assert sorted(numbers(batches)) == list(range(40_000))
    contract.poll_through(opened[0], lambda found: not found[-1].lag["rows"], batches)
    lags = [batch.lag["rows"] for batch in batches]
    history = lags[next(index for index, lag in enumerate(lags) if lag > 1) :]
    assert history == sorted(history, reverse=True)
    assert history[0] > 20_000
    assert lags[-1] == 0


def test_rows_without_a_watermark_are_left_out_and_stop_nobody(shop: Shop, opened: list[Reader]) -> None:
    shop.run("create table ticks (n integer, at text)")
    shop.run("insert into ticks values (?, ?)", (0, None), (1, "2026-05-01 12:00:00"))
    assert numbers(first(shop.source(table="ticks", watermark="at"), opened)) == [1]


@pytest.mark.slow
def test_a_row_of_the_far_future_hides_none_that_come_after_it(shop: Shop, opened: list[Reader]) -> None:
    shop.run("create table ticks (n integer, at real)")
    now = time.time()
    shop.run("insert into ticks values (?, ?)", (0, now - 5))
    batches = first(shop.source(query="select * from ticks where at > :last", watermark="at"), opened)
    shop.run("insert into ticks values (?, ?)", (1, now - 4))
    batches += read(opened[0], 1)
    assert numbers(batches) == [0, 1]


def test_a_query_without_last_is_a_sample_each_time(shop: Shop, opened: list[Reader]) -> None:
    shop.sell(3)
    batches = first(shop.source(query="select count(*) as n, '12:30' as at from sales"), opened)
    shop.sell(2)
    contract.poll_through(opened[0], lambda found: 5 in numbers(found), batches)
    assert set(numbers(batches)) == {3, 5}
    last = next(batch for batch in reversed(batches) if len(batch))
    assert last.timed is not None
    assert abs(last.table["_time"].cast(pa.int64()).to_numpy()[0] / 1e6 - time.time()) < 5
    assert last.delivery.every_s == 0.2


def test_a_query_over_a_huge_result_is_cut_and_says_so(shop: Shop, opened: list[Reader]) -> None:
    endless = "with recursive c(n) as (select 1 union all select n + 1 from c) select n from c"
    batch = first(shop.source(query=endless), opened)[-1]
    assert len(batch) == 10_000
    assert batch.reading is not None
    assert "first 10,000" in batch.reading.why


@pytest.mark.slow
def test_a_table_that_is_emptied_and_starts_over_is_read_on_with_a_gap(shop: Shop, opened: list[Reader]) -> None:
    shop.sell(10)
    batches = first(shop.source(), opened, 10)
    shop.run("delete from sales")
    contract.poll_through(opened[0], lambda found: any(batch.gaps for batch in found), batches)
    shop.sell(3)
    batches += read(opened[0], 3)
    assert numbers(batches) == list(range(13))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select * from nowhere", "no such table"),
        ("select absent from sales", "no such column"),
        ("select * form sales", "syntax"),
        ("select load_extension('x')", "not authorized"),
        ("select * from pragma_journal_mode", "not authorized"),
        ("with a as (select 1) delete from sales returning *", "syntax"),
        ("select * from sales where x = 'a;b' union select 1", "no such column"),
        ("select instr(hex(zeroblob(50000000)), '1') as a", "too big"),
        ("select hex(zeroblob(9000)) like '%' || hex(zeroblob(9000)) as a", "too complex"),
    ],
)
def test_what_the_database_refuses_is_told_beside_the_query(shop: Shop, query: str, said: str) -> None:
    shop.sell(1)
    with pytest.raises(BadSettings, match=said) as refused:
        read(shop.source(query=query).open(), 1)
    assert refused.value.setting == "query"
    assert ": " in str(refused.value)
    assert "watched" not in str(refused.value)


def test_what_is_not_there_is_named_with_what_is(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="did you mean sales"):
        shop.source(table="sale").open()
    with pytest.raises(BadSettings, match="there are id, n, price, at") as refused:
        shop.source(watermark="idd").open()
    assert refused.value.setting == "watermark"
    with pytest.raises(BadSettings, match="idd") as refused:
        shop.source(query="select * from sales where id > :last", watermark="idd").open()
    assert refused.value.setting == "watermark"
    with pytest.raises(NotFound, match="can't be opened"):
        Sql(table="m", url=f"sqlite:///{tmp_path}/none.sqlite").open()
    (tmp_path / "text.sqlite").write_text("no database, but long enough to be looked at as if it were one\n" * 20)
    with pytest.raises(NotFound, match="no SQLite database"):
        Sql(table="m", url=f"sqlite:///{tmp_path}/text.sqlite").open()
    assert not (tmp_path / "none.sqlite").exists()


def test_nothing_can_be_written_on_the_connection_itself(shop: Shop) -> None:
    shop.sell(1)
    database = Database(shop.source().address(), "query")
    for statement in (
        "insert into sales (n) values (9)",
        "delete from sales returning *",
        "pragma query_only = off",
        "pragma writable_schema = on",
        f"attach '{shop.path}.other' as other",
        "create temp table t (a)",
        "vacuum",
    ):
        with pytest.raises(Mendable, match="reading is allowed"), database.transaction() as asked:
            asked.connection.execute(text(statement))
    database.disconnect()
    assert not Path(f"{shop.path}.other").exists()


def test_tables_and_views_are_offered(shop: Shop) -> None:
    shop.run("create view dear as select * from sales where price > 5")
    assert Sql.subjects({"url": f"sqlite:///{shop.path}"}) == ["dear", "sales"]


def test_a_view_is_followed_by_what_its_columns_are_called(shop: Shop, opened: list[Reader]) -> None:
    shop.run("create view dear as select * from sales where price > 5")
    shop.sell(20)
    assert numbers(first(shop.source(table="dear"), opened, 9)) == list(range(11, 20))


@pytest.mark.slow
def test_a_writer_that_holds_the_file_is_waited_for(shop: Shop, opened: list[Reader]) -> None:
    shop.run("pragma journal_mode = delete")
    shop.sell(1)
    batches = first(shop.source(), opened)
    with closing(sqlite3.connect(shop.path, isolation_level=None)) as writer:
        writer.execute("begin exclusive")
        deadline = time.monotonic() + 20
        with pytest.raises(Unreachable, match="tried again"):
            while time.monotonic() < deadline:
                opened[0].poll(0.25)
        writer.execute("commit")
    shop.sell(1)
    contract.poll_through(opened[0], lambda found: len(numbers(found)) == 2, batches)
    assert numbers(batches) == [0, 1]


def test_closing_ends_a_query_that_would_never_end(shop: Shop) -> None:
    endless = "with recursive c(n) as (select 1 union all select n + 1 from c) select n from c where n = 1 or n > 1000000000000"
    outcome: list[SourceError | Reader] = []
    before = set(threading.enumerate())

    def open_it() -> None:
        try:
            outcome.append(shop.source(query=endless).open())
        except SourceError as error:
            outcome.append(error)

    opener = threading.Thread(target=open_it, daemon=True)
    opener.start()
    opener.join(5)
    [reader] = outcome
    assert not isinstance(reader, SourceError)
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < 1.5
    assert not {each for each in threading.enumerate() if each.name.startswith("receive-")} - before


def test_odd_rows_are_kept_as_far_as_they_can_be(shop: Shop, opened: list[Reader]) -> None:
    shop.run("create table odd (id integer primary key, a, _b, n)")
    shop.run(
        "insert into odd (a, _b, n) values (?, ?, ?)",
        (b"\xff\x00", 2**62, 0),
        (1.5, "x", 1),
        ("\udcff".encode("utf8", "surrogatepass").decode("latin1"), None, 2),
    )
    shop.run("insert into odd (a, n) values (cast(x'ff41' as text), 3)")
    [batch] = [each for each in first(shop.source(table="odd"), opened, 4) if len(each)]
    assert batch.table["a"].to_pylist()[:2] == ["ff00", "1.5"]
    assert batch.table["value._b"].to_pylist()[0] == str(2**62)
