"""A real PostgreSQL: concurrent writers, what it refuses, what its types become, and what it costs."""

# ruff: noqa: S608 - tables of a test's own, in a throw-away server

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from sources import sql_watch
from sources.batch import Batch
from sources.errors import AuthFailed, BadSettings, NotFound, Unreachable
from sources.protocol import Reader
from sources.sql import Sql
from sources.sql_address import address_of
from sources.sql_database import Database
from sources.sql_scan import snapshot
from state.feed import Feed
from tests.servers.or_skip import or_skip
from tests.servers.postgres import OWNER, PASSWORD, Postgres
from tests.sources import contract
from tests.sources.contract import Counterpart, read

TABLE = "create table {} (id bigint generated always as identity primary key, n bigint, at timestamptz default now())"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with or_skip(Postgres.start()) as running:
        yield running


@pytest.fixture
def owner(server: Postgres) -> Iterator["psycopg.Connection[Any]"]:
    with server.owner() as connection:
        yield connection


@pytest.fixture
def table(request: pytest.FixtureRequest, owner: "psycopg.Connection[Any]") -> str:
    name = "t" + str(abs(hash(request.node.name)))
    owner.execute(TABLE.format(name))
    return name


@pytest.fixture
def opened() -> Iterator[list[Reader]]:
    readers: list[Reader] = []
    yield readers
    for reader in readers:
        reader.close()


def source(server: Postgres, **settings: str) -> Sql:
    return Sql(**{"start": "earliest", "every": "0.2s", **settings}, properties=(("url", server.url),))


def numbers(batches: list[Batch]) -> list[int]:
    return contract.numbers_in(batches)


def write(connection: "psycopg.Connection[Any]", table: str, first: int, count: int) -> None:
    connection.execute(
        f"insert into {table} (n) select generate_series(%s::bigint, %s::bigint)", (first, first + count - 1)
    )


def poll_until(reader: Reader, batches: list[Batch], until: Callable[[], bool]) -> None:
    contract.poll_through(reader, lambda _: until(), batches)


def test_rows_that_are_committed_late_below_the_watermark_are_read_once(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    """However long their transaction takes: here, longer than rows are looked at again otherwise."""
    opened.append(source(server, table=table).open())
    batches: list[Batch] = []
    with server.owner() as late, late.transaction():
        write(late, table, 0, 3)
        write(owner, table, 3, 5)
        poll_until(opened[0], batches, lambda: len(numbers(batches)) == 5)
        task: Any = opened[0]._task  # type: ignore[attr-defined]
        task._overlap._marks = [  # as if a minute had passed
            type(mark)(mark.at_s - 60, mark.xmax, mark.position) for mark in task._overlap._marks
        ]
        write(owner, table, 8, 1)
        poll_until(opened[0], batches, lambda: len(numbers(batches)) == 6)
    poll_until(opened[0], batches, lambda: len(numbers(batches)) >= 9)
    assert sorted(numbers(batches)) == list(range(9))


@pytest.mark.slow
def test_what_was_under_way_when_latest_was_opened_is_new(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    write(owner, table, 100, 50)
    batches: list[Batch] = []
    with server.owner() as late, late.transaction():
        write(late, table, 0, 1)
        write(owner, table, 200, 1)
        opened.append(source(server, table=table, start="latest").open())
        poll_until(opened[0], batches, lambda: bool(batches) and not batches[-1].lag["rows"])
    poll_until(opened[0], batches, lambda: len(numbers(batches)) >= 1)
    assert numbers(batches) == [0]


@pytest.mark.slow
@pytest.mark.parametrize("watermark", ["", "at"])
def test_writers_in_each_others_way_lose_nothing_and_repeat_nothing(
    server: Postgres, owner: Any, table: str, opened: list[Reader], watermark: str
) -> None:
    """Eight of them, whose transactions overlap and end in any order, some of them by a rollback."""
    writers, each = 8, 60
    owner.execute(f"alter table {table} alter at set default clock_timestamp()")

    def run(writer: int) -> None:
        with server.owner() as connection:
            for number in range(each):
                with contextlib.suppress(ZeroDivisionError), connection.transaction():
                    write(connection, table, (writer * each + number) * 10, 10)
                    connection.execute("select pg_sleep(random() * 0.2)")
                    if number % 7 == 6:
                        raise ZeroDivisionError

    opened.append(source(server, table=table, watermark=watermark).open())
    threads = [threading.Thread(target=run, args=(writer,), daemon=True) for writer in range(writers)]
    for thread in threads:
        thread.start()
    batches: list[Batch] = []
    poll_until(opened[0], batches, lambda: not any(thread.is_alive() for thread in threads))
    expected = [row[0] for row in owner.execute(f"select n from {table} order by n")]
    poll_until(opened[0], batches, lambda: len(numbers(batches)) >= len(expected))
    opened[0].poll(1.0)
    assert sorted(numbers(batches)) == expected


@pytest.mark.slow
def test_a_bulk_of_one_instant_is_read_whole(server: Postgres, owner: Any, table: str, opened: list[Reader]) -> None:
    write(owner, table, 0, 30_000)
    opened.append(source(server, table=table, watermark="at").open())
    batches = read(opened[0], 30_000)
    write(owner, table, 30_000, 10)
    batches += read(opened[0], 10)
    assert sorted(numbers(batches)) == list(range(30_010))


@pytest.mark.slow
@pytest.mark.parametrize(
    "watermark", ["u uuid", "v numeric(20, 5)", "f float8", "d date", "s text", "z timestamp", "i int"]
)
def test_any_type_with_an_order_can_be_the_watermark(
    server: Postgres, owner: Any, table: str, opened: list[Reader], watermark: str
) -> None:
    name, kind = watermark.split(maxsplit=1)
    values = {
        "u": ["00000000-0000-0000-0000-00000000000" + str(each + 1) for each in range(6)],
        "d": [f"2026-05-0{each + 1}" for each in range(6)],
        "z": [f"2026-05-01 12:00:0{each}" for each in range(6)],
    }.get(name, list(range(6)))
    owner.execute(f"alter table {table} add {name} {kind}")

    def add(first: int, last: int) -> None:
        for number in range(first, last):
            owner.execute(
                f"insert into {table} (n, {name}) values (%s, %s)",
                (number, values[number] if name != "s" else str(number)),
            )

    add(0, 3)
    opened.append(source(server, table=table, watermark=name).open())
    opened.append(source(server, query=f"select * from {table} where {name} > :last").open())
    batches = [read(reader, 3) for reader in opened]
    add(3, 6)
    for reader, found in zip(opened, batches, strict=True):
        assert sorted(numbers(found + read(reader, 3))) == [0, 1, 2, 3, 4, 5]


def test_what_postgresql_knows_and_json_does_not_becomes_columns(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    owner.execute(
        f"create table odd_{table} as select 1::bigint as id, 0 as n, 1.5::numeric(10, 2) as price, 'NaN'::numeric as nan,"
        " 'infinity'::timestamptz as always, '0044-03-15 BC'::date as ides, timestamptz '2026-05-01 12:00+02' as zoned,"
        " timestamp '2026-05-01 12:00' as naive, '{\"a\": {\"b\": 1}, \"c\": [1, 2]}'::jsonb as doc, '[' as text,"
        " array[1, 2] as list, '\\xff00'::bytea as raw, '00000000-0000-0000-0000-00000000000a'::uuid as u,"
        " interval '90 seconds' as took, '10.0.0.1'::inet as host, 'Infinity'::float8 as inf, 10::numeric ^ 30 as large,"
        " (repeat('[', 3000) || repeat(']', 3000))::json as deep"
    )
    opened.append(source(server, table=f"odd_{table}", watermark="id").open())
    [batch] = [each for each in read(opened[0], 1) if len(each)]
    row = batch.table.to_pylist()[0]
    expected = {
        "price": 1.5,
        "always": "infinity",
        "naive": "2026-05-01T12:00:00",
        "doc.a.b": 1,
        "doc.c": "[1,2]",
        "list": "[1,2]",
        "raw": "ff00",
        "u": "00000000-0000-0000-0000-00000000000a",
        "took": 90.0,
        "host": "10.0.0.1",
        "large": 1e30,
    }
    assert {name: row[name] for name in expected} == expected
    assert row["zoned"].isoformat() == "2026-05-01T10:00:00+00:00"
    assert row["deep"].startswith("[[[")
    assert row["ides"].endswith("BC")
    assert {each.type for each in batch.table.schema} <= contract.COLUMN_TYPES
    assert not {"nan", "inf"} & set(batch.table.column_names)


@pytest.mark.slow
def test_rows_of_a_megabyte_each_come_in_small_batches(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    owner.execute(f"alter table {table} add body text")
    owner.execute(f"insert into {table} (n, body) select n, repeat('x', 900000) from generate_series(0, 39) n")
    opened.append(source(server, table=table).open())
    batches = read(opened[0], 40)
    assert numbers(batches) == list(range(40))
    assert max(batch.table.nbytes for batch in batches) < 32_000_000


def test_a_function_that_writes_is_refused_beside_the_query(server: Postgres, owner: Any, table: str) -> None:
    owner.execute(
        f"create function write_{table}() returns int language sql security definer as 'insert into {table} (n) values (1) returning 1'"
    )
    owner.execute("grant usage on all sequences in schema public to reader")
    for query in (
        f"select write_{table}() as n",
        "select nextval(pg_get_serial_sequence(%s, 'id')) as n".replace("%s", f"'{table}'"),
        "select set_config('transaction_read_only', 'off', false) as n",
        f"with gone as (delete from {table} returning *) select * from gone",
        f"select n from {table} for update",
    ):
        with pytest.raises(BadSettings) as refused:
            read(source(server, query=query).open(), 1)
        assert refused.value.setting == "query"
        assert ": " in str(refused.value)
    assert owner.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_what_looks_like_more_than_one_statement_but_is_none_is_read(server: Postgres, opened: list[Reader]) -> None:
    opened.append(source(server, query="select $a$ ' ; $a$ as a, 'x\\' as b, 7::int as n, '12:30 :x' as c;").open())
    [batch] = [each for each in read(opened[0], 1) if len(each)]
    row = batch.table.drop_columns(["_time", "_timestamp"]).to_pylist()
    assert row == [{"a": " ' ; ", "b": "x\\", "n": 7, "c": "12:30 :x"}]


def test_a_second_statement_gets_nowhere_even_past_our_own_look(server: Postgres, owner: Any, table: str) -> None:
    database = Database(source(server, table=table).address(), "query")
    for query in (f"select 1) as q; insert into {table} (n) values (1); --", f"select 1; commit; drop table {table}"):
        with pytest.raises(BadSettings), database.transaction() as asked:
            snapshot(asked.connection, query, 10)
    with pytest.raises(BadSettings, match="reading is allowed"), database.transaction() as asked:
        asked.connection.execute(text(f"insert into {table} (n) values (1)"))
    database.disconnect()
    assert owner.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_what_is_wrong_is_told_without_the_password(server: Postgres, owner: Any, table: str) -> None:
    wrong = server.url.replace(PASSWORD, "hunter2")
    owner.execute(f"create table private_{table} (id int primary key)")
    owner.execute(f"revoke all on private_{table} from public, reader")
    cases = (
        (AuthFailed, "refused the login", {"table": table}, wrong),
        (NotFound, "no such database", {"table": table}, server.url.replace("/postgres", "/absent")),
        (NotFound, f"did you mean.*{table}", {"table": table[:-1]}, server.url),
        (AuthFailed, "permission", {"table": f"private_{table}"}, server.url),
        (BadSettings, "there are id, n, at", {"table": table, "watermark": "idd"}, server.url),
        (BadSettings, "there are id, n, at", {"table": table, "time": "when"}, server.url),
        (BadSettings, "does not exist", {"query": "select * from absent"}, server.url),
        (BadSettings, "does not exist", {"query": f"select m from {table}"}, server.url),
        (BadSettings, "syntax error", {"query": f"select * fro {table}"}, server.url),
        (BadSettings, "division by zero", {"query": "select 1/0 as n"}, server.url),
        (BadSettings, "name the one", {"query": f"select * from {table} where :last < id"}, server.url),
        (Unreachable, "can't be reached", {"table": table}, "postgresql://ann:hunter2@127.0.0.1:1/db"),
        (Unreachable, "can't be reached", {"table": table}, "postgresql://ann:hunter2@no-such-host.invalid/db"),
    )
    for kind, said, settings, url in cases:
        with pytest.raises(kind, match=said) as error:
            read(Sql(**settings, start="earliest", properties=(("url", url),)).open(), 1)
        seen: BaseException | None = error.value
        while seen is not None:
            assert PASSWORD not in str(seen)
            assert "hunter2" not in str(seen)
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


@pytest.mark.slow
def test_a_query_that_takes_too_long_is_ended_and_tried_again(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database.transaction.__wrapped__, "__defaults__", (0.3,))  # type: ignore[attr-defined]
    reader = source(server, query="select pg_sleep(20) as n").open()
    with pytest.raises(Unreachable, match="took too long"):
        read(reader, 1)
    reader.close()


def test_a_query_that_lifts_the_servers_time_out_is_ended_all_the_same(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of a cursor are fetched in several statements: what the first has set holds for the others."""
    monkeypatch.setattr(sql_watch, "GRACE_S", 0.2)
    query = (
        "select set_config('statement_timeout', '0', true) as s, case when i > 25 then pg_sleep(20)::text end as n"
        " from generate_series(1, 30) as i"
    )
    database = Database(address_of((("url", server.url),)), "query")
    began = time.monotonic()
    with pytest.raises(Unreachable, match="took too long"), database.transaction(0.5) as asked:
        snapshot(asked.connection, query, 100)
    assert time.monotonic() - began < 10
    with database.transaction(5) as asked:
        assert snapshot(asked.connection, "select 1 as n", 1).rows == [(1,)]
    database.disconnect()


def test_a_query_leaves_no_lock_behind(server: Postgres, owner: Any) -> None:
    database = Database(address_of((("url", server.url),)), "query")
    with database.transaction(5) as asked:
        snapshot(asked.connection, "select pg_advisory_lock(7)::text as n", 1)
        held = owner.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone()[0]
    assert held == 1
    assert owner.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone()[0] == 0
    database.disconnect()


def sessions(owner: Any, name: str, state: str) -> int:
    question = "select count(*) from pg_stat_activity where application_name = %s and state = %s"
    return int(owner.execute(question, (name, state)).fetchone()[0])


def named(server: Postgres, name: str, **settings: str) -> Sql:
    """A source whose sessions can be told from others'."""
    properties = (("url", server.url), ("query.application_name", name))
    return Sql(**{"start": "earliest", **settings}, properties=properties)


def test_no_transaction_is_open_between_polls_and_none_after_close(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    write(owner, table, 0, 10)
    reader = named(server, table, table=table, every="1h").open()
    read(reader, 10)
    deadline = time.monotonic() + 10
    while sessions(owner, table, "active") and time.monotonic() < deadline:
        reader.poll(0.05)
    assert (sessions(owner, table, "idle in transaction"), sessions(owner, table, "idle")) == (0, 1)
    reader.close()
    while sessions(owner, table, "idle") and time.monotonic() < deadline:
        reader.poll(0.05)
    assert sessions(owner, table, "idle") == 0


def test_closing_cancels_the_query_at_the_server(server: Postgres, owner: Any, table: str) -> None:
    reader = named(server, table, query="select pg_sleep(60) as n").open()
    deadline = time.monotonic() + 10
    while not sessions(owner, table, "active") and time.monotonic() < deadline:
        reader.poll(0.05)
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < 1.5
    while sessions(owner, table, "active") and time.monotonic() < deadline:
        assert len(reader.poll(0.05)) == 0
    assert sessions(owner, table, "active") == 0


@pytest.mark.slow
def test_tables_views_and_other_schemas_are_offered_and_can_be_watched(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    owner.execute(f'create schema "Odd {table}"')
    owner.execute(f'grant usage on schema "Odd {table}" to reader')
    owner.execute(f'create table "Odd {table}"."Sales; --" ("Id" int primary key, n int)')
    owner.execute(f'insert into "Odd {table}"."Sales; --" values (1, 7)')
    owner.execute(f"create view view_{table} as select * from {table}")
    owner.execute(f"create materialized view kept_{table} as select * from {table}")
    offered = Sql.subjects({"properties": (("url", server.url),)})
    odd = f"Odd {table}.Sales; --"
    assert {table, f"view_{table}", f"kept_{table}", odd} <= set(offered)
    opened.append(source(server, table=odd).open())
    assert numbers(read(opened[0], 1)) == [7]


@pytest.mark.slow
def test_a_typed_address_of_a_user_without_a_password_is_read(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    write(owner, table, 0, 3)
    opened.append(Sql(table=table, url=f"postgresql://{OWNER}@localhost:{server.port}/postgres").open())
    assert numbers(read(opened[0], 3)) == [0, 1, 2]


@pytest.mark.slow
def test_history_of_an_age_is_found_without_an_index_on_the_time(
    server: Postgres, owner: Any, table: str, opened: list[Reader]
) -> None:
    write(owner, table, 0, 5000)
    owner.execute(f"update {table} set at = now() - (5000 - n) * interval '1 second'")
    opened.append(source(server, table=table, start="10m").open())
    found = numbers(read(opened[0], 590))
    assert found == list(range(found[0], 5000))
    assert 4395 <= found[0] <= 4405


@pytest.mark.slow
def test_a_feed_shows_history_at_once_and_then_what_is_new(server: Postgres, owner: Any, table: str) -> None:
    write(owner, table, 0, 500)
    feed = Feed(source(server, table=table, start="10m"))
    feed.start()
    try:
        feed.watch(0.2)
        assert feed.wait_for_history(15)
        assert (feed.status.state, feed.seen) == ("live", 500)
        assert feed.schema.time_field == "at"
        write(owner, table, 500, 7)
        deadline = time.monotonic() + 10
        while feed.seen < 507 and time.monotonic() < deadline:
            feed.watch(0.2)
            feed.wait_for_read(time.time(), 0.2)
        assert feed.seen == 507
    finally:
        feed.close()
        feed.join(10)


@pytest.fixture(scope="module")
def counterpart(server: Postgres) -> Counterpart:
    with server.owner() as connection:
        connection.execute(TABLE.format("outages"))
    sent = 0

    def produce(count: int) -> None:
        nonlocal sent
        with server.owner() as connection:
            for first in range(sent, sent + count, 500):
                write(connection, "outages", first, min(500, sent + count - first))
        sent += count

    chosen = Sql(table="outages", start="latest", every="0.5s", properties=(("url", server.url),))
    return Counterpart(chosen, produce, server.kill, server.run, keeps=True)


@pytest.mark.slow
@pytest.mark.parametrize("check", contract.OUTAGE_CHECKS)
def test_a_server_that_is_killed_and_comes_back_keeps_the_contract(check: Any, counterpart: Counterpart) -> None:
    check(counterpart)
