"""What the settings of the SQL source refuse, and what they make of a connection."""

import pytest

from sources.errors import BadSettings
from sources.sql import Sql
from sources.sql_address import address_of
from sources.sql_drivers import engine_of
from sources.sql_text import read_query

PARTS = (
    ("dialect", "postgresql"),
    ("driver", "psycopg"),
    ("host", "db.example"),
    ("port", "6543"),
    ("database", "metrics"),
    ("username", "ann"),
    ("password", "p@ss:w/rd"),
    ("query.application_name", "board"),
    ("create_engine_kwargs.pool_size", "2"),
    ("create_engine_kwargs.connect_args.sslmode", "require"),
)


@pytest.mark.parametrize(
    "query",
    [
        "insert into m values (1)",
        "delete from m returning *",
        "update m set v = 1",
        "pragma journal_mode = delete",
        "attach 'other.db' as other",
        "drop table m",
        "select 1; drop table m",
        "select 1) as x, (select 2",
        "select 'open",
        "select 1 /* open",
        "select * from m where id > :other",
        "select :last /* a /* b */ c */",
        "-- nothing",
        "select '" + "x" * 30_000 + "'",
    ],
)
def test_what_is_no_single_query_that_reads_is_refused_beside_the_query(query: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Sql(query=query, url="sqlite:////a.sqlite")
    assert refused.value.setting == "query"
    assert ": " in str(refused.value)


@pytest.mark.parametrize(
    ("query", "last", "compared"),
    [
        ("select * from m where id > :last", True, "id"),
        ("select * from m where m.at >= :last and x = ':last'", True, "at"),
        ('select * from m where "Id" > :last;', True, "Id"),
        ("with a as (select 1) select * from a -- :last", False, ""),
        ("select ';' as a, '12:30' as b, x::int from m", False, ""),
        ("select $$ ; :last ' $$", False, ""),
    ],
)
def test_a_query_that_reads_is_taken_and_its_watermark_found(query: str, last: bool, compared: str) -> None:  # noqa: FBT001
    read = read_query(query)
    assert (read.last, read.compared) == (last, compared)
    assert not read.text.endswith(";")


def test_a_connection_in_streamlits_own_convention_is_understood() -> None:
    engine = engine_of(address_of(PARTS))
    assert engine.url.render_as_string(hide_password=False) == (
        "postgresql+psycopg://ann:p%40ss%3Aw%2Frd@db.example:6543/metrics?application_name=board"
    )
    assert engine.pool.size() == 2


def test_nothing_shows_a_connections_password() -> None:
    source = Sql(table="m", properties=PARTS)
    assert "rd" not in repr(source).replace("word", "")
    assert "p@ss" not in repr(source.address())


def test_a_properties_name_that_nobody_knows_is_refused_beside_the_connection() -> None:
    with pytest.raises(BadSettings, match="'passwort'") as refused:
        Sql(table="m", properties=(*PARTS, ("passwort", "x")))
    assert refused.value.setting == "connection"


@pytest.mark.parametrize(
    ("url", "install"),
    [
        ("mysql+aiomysql://ann:secret@localhost/m", "aiomysql"),
        ("oracle://ann:secret@localhost/m", "oracledb"),
        ("snowflake://ann:secret@account/m", "snowflake-sqlalchemy"),
    ],
)
def test_a_missing_driver_is_named_with_what_to_install(url: str, install: str) -> None:
    with pytest.raises(BadSettings, match="pip install") as refused:
        Sql(table="m", properties=(("url", url),)).open()
    assert install in str(refused.value)
    assert "secret" not in str(refused.value)
    assert refused.value.setting == "connection"


def test_a_url_that_makes_no_sense_is_refused_without_being_shown() -> None:
    for url in ("hunter2", "postgresql://ann:hunter2@[::1/m", "postgresql://ann:hunter2@localhost:port/m"):
        with pytest.raises(BadSettings) as refused:
            Sql(table="m", properties=(("url", url),)).open()
        assert "hunter2" not in str(refused.value)
        assert refused.value.setting == "connection"
