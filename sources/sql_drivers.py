"""Which driver reads which database, and what to install for it."""

from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from sources.addresses import look_up
from sources.errors import BadSettings
from sources.packages import is_installed
from sources.sql_address import DEFAULT_PORTS, Address

USUAL: dict[str, tuple[tuple[str, str, str], ...]] = {
    "postgresql": (("psycopg", "psycopg", "psycopg[binary]"), ("psycopg2", "psycopg2", "psycopg2-binary")),
    "mysql": (("pymysql", "pymysql", "pymysql"), ("mysqldb", "MySQLdb", "mysqlclient")),
    "mariadb": (("pymysql", "pymysql", "pymysql"), ("mysqldb", "MySQLdb", "mysqlclient")),
    "mssql": (("pyodbc", "pyodbc", "pyodbc"), ("pymssql", "pymssql", "pymssql")),
    "oracle": (("oracledb", "oracledb", "oracledb"),),
    "sqlite": (("pysqlite", "sqlite3", ""),),
}
"""Of each dialect its drivers, the best first: SQLAlchemy's name, the module, and what pip installs."""

DIALECTS = {
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "duckdb": "duckdb-engine",
    "clickhouse": "clickhouse-sqlalchemy",
    "redshift": "sqlalchemy-redshift",
    "trino": "trino[sqlalchemy]",
    "databricks": "databricks-sqlalchemy",
    "cockroachdb": "sqlalchemy-cockroachdb psycopg[binary]",
}
"""What pip installs for dialects that SQLAlchemy does not bring along."""

CONNECT_S = 8

CONNECT: dict[str, dict[str, Any]] = {
    "psycopg": {"connect_timeout": CONNECT_S, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
    "psycopg2": {"connect_timeout": CONNECT_S, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
    "pymysql": {"connect_timeout": CONNECT_S, "read_timeout": 60},
    "mysqldb": {"connect_timeout": CONNECT_S, "read_timeout": 60},
    "pymssql": {"login_timeout": CONNECT_S, "timeout": 60},
    "oracledb": {"tcp_connect_timeout": CONNECT_S},
    "pyodbc": {"timeout": CONNECT_S},
}
"""So that a counterpart that went away without a word is noticed."""


def engine_of(address: Address) -> Engine:
    """An engine that has not connected yet. Raises BadSettings, with what to install where a driver is missing."""
    url = _url(address)
    options = dict(address.options)
    given = options.pop("connect_args", {})
    connect = {**CONNECT.get(_driver(url), {}), **(given if isinstance(given, dict) else {})}
    connect = {name: value for name, value in connect.items() if name not in url.query}
    if address.typed and url.host:
        found = look_up(url.host, url.port or DEFAULT_PORTS.get(address.dialect, 0), "url")
        if _driver(url) in {"psycopg", "psycopg2"}:
            connect["hostaddr"] = found[0]  # what was looked up is what is connected to
    if _driver(url) == "psycopg":
        connect.setdefault(
            "prepare_threshold", None
        )  # a pooler in between may have another session for each transaction
    try:
        return create_engine(url, connect_args=connect, hide_parameters=True, **options)
    except NoSuchModuleError:
        raise _not_installed(address) from None
    except ModuleNotFoundError as error:
        raise _not_installed(address, str(error.name or "")) from None
    except (ArgumentError, TypeError, ValueError) as error:
        said = address.redact(str(error)).split("\n", maxsplit=1)[0][:200]
        raise BadSettings(
            address.setting, f"the connection makes no sense to SQLAlchemy ({said}): correct it"
        ) from None


def _url(address: Address) -> URL:
    try:
        if address.url:
            url = make_url(str(address.url)).update_query_dict(dict(address.query))
        else:
            part = address.parts
            url = URL.create(
                address.dialect,
                username=part.get("username") or None,
                password=part.get("password") or None,
                host=part.get("host") or None,
                port=int(part["port"]) if part.get("port") else None,
                database=part.get("database") or None,
                query=dict(address.query),
            )
    except (ArgumentError, ValueError):  # its text may hold the password
        raise BadSettings(
            address.setting,
            f"the {address.setting}'s address can't be read: write one such as postgresql://localhost/metrics",
        ) from None
    dialect = "postgresql" if address.dialect == "postgres" else address.dialect
    driver = address.driver or next((name for name, module, _ in USUAL.get(dialect, ()) if is_installed(module)), "")
    if dialect in USUAL and not driver:
        raise _not_installed(address)
    return url.set(drivername=f"{dialect}+{driver}" if driver else dialect)


def _driver(url: URL) -> str:
    return url.drivername.partition("+")[2]


def _not_installed(address: Address, module: str = "") -> BadSettings:
    dialect = "postgresql" if address.dialect == "postgres" else address.dialect
    usual = USUAL.get(dialect, ())
    install = next((pip for name, _, pip in usual if name == address.driver), usual[0][2] if usual else "")
    install = install or DIALECTS.get(dialect, "") or module
    if not install:
        return BadSettings(
            address.setting,
            f"SQLAlchemy knows no dialect {dialect[:30]!r} here: check its name, or install the package that brings it",
        )
    name = address.driver or dialect
    packages = " ".join(f'"{each}"' for each in install.split())
    return BadSettings(
        address.setting, f"{name[:40]} needs a package that is not installed here: pip install {packages}"
    )
