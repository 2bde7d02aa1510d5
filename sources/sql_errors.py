"""What went wrong with a database, in words a person can act on.

SQLAlchemy's messages hold statements and their parameters, and a driver's may hold an address: what is passed on is the first line
of what the database itself said, without what is secret in the address.
"""

import re
from typing import Any

from sqlalchemy.exc import DBAPIError, NoSuchTableError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sources.errors import AuthFailed, BadSettings, NotFound, SourceError, Unreachable, one_line
from sources.sql_address import Address

LOGIN = "{at} refused the login: {said}. Check user name and password in the connection."
PERMISSION = "{at} does not let this user read that ({said}): ask for the permission, or choose what it may read."
DATABASE = "{at} has no such database: {said}. Check its name."
WRITES = "the query would change something, and only reading is allowed ({said}): write one that reads"
MISSING = "the database says: {said}: check the names"
REFUSED = "the database says: {said}: correct the query"
SLOW = "{at} took too long to answer ({said}): it is tried again. Narrow the query, or have an index made for its watermark."
BUSY = "{at} is held by another who writes ({said}): it is tried again."
AWAY = "{at} can't be reached: {said}. Check the address, and that it runs."
NO_FILE = "{at} can't be opened: {said}. Check the path, and that this user may read it."
NO_DATABASE = "{at} is no SQLite database: {said}. Choose another file."

Cause = tuple[type[SourceError], str]

_BY_STATE: tuple[tuple[str, Cause], ...] = (
    ("28", (AuthFailed, LOGIN)),
    ("42501", (AuthFailed, PERMISSION)),
    ("3D", (NotFound, DATABASE)),
    ("25006", (BadSettings, WRITES)),
    ("0A", (BadSettings, REFUSED)),
    ("42P01", (BadSettings, MISSING)),
    ("42703", (BadSettings, MISSING)),
    ("42", (BadSettings, REFUSED)),
    ("21", (BadSettings, REFUSED)),
    ("22", (BadSettings, REFUSED)),
    ("2F", (BadSettings, WRITES)),
    ("25", (BadSettings, WRITES)),
    ("P0001", (BadSettings, REFUSED)),
    ("57014", (Unreachable, SLOW)),
    ("55P03", (Unreachable, BUSY)),
)
"""SQLSTATE by how it begins, the first that fits."""

_BY_SQLITE: dict[str, Cause] = {
    "SQLITE_BUSY": (Unreachable, BUSY),
    "SQLITE_LOCKED": (Unreachable, BUSY),
    "SQLITE_INTERRUPT": (Unreachable, SLOW),
    "SQLITE_AUTH": (BadSettings, WRITES),
    "SQLITE_READONLY": (BadSettings, WRITES),
    "SQLITE_NOTADB": (NotFound, NO_DATABASE),
    "SQLITE_CANTOPEN": (NotFound, NO_FILE),
    "SQLITE_PERM": (NotFound, NO_FILE),
    "SQLITE_ERROR": (BadSettings, REFUSED),
    "SQLITE_RANGE": (BadSettings, REFUSED),
    "SQLITE_TOOBIG": (BadSettings, REFUSED),
    "SQLITE_MISMATCH": (BadSettings, REFUSED),
}

_BY_MYSQL: dict[int, Cause] = {
    **dict.fromkeys((1044, 1045, 1698, 1251), (AuthFailed, LOGIN)),
    **dict.fromkeys((1142, 1143, 1227), (AuthFailed, PERMISSION)),
    1049: (NotFound, DATABASE),
    1792: (BadSettings, WRITES),
    **dict.fromkeys((1146, 1054), (BadSettings, MISSING)),
    **dict.fromkeys((1064, 1060, 1052, 1248, 1305), (BadSettings, REFUSED)),
    **dict.fromkeys((1969, 3024, 1317), (Unreachable, SLOW)),
    1205: (Unreachable, BUSY),
}

_BY_TEXT: tuple[tuple[str, Cause], ...] = (
    ("password authentication failed", (AuthFailed, LOGIN)),
    ("no password supplied", (AuthFailed, LOGIN)),
    ("authentication failed", (AuthFailed, LOGIN)),
    ("no pg_hba.conf entry", (AuthFailed, LOGIN)),
    ("login failed", (AuthFailed, LOGIN)),
    (
        "certificate verify failed",
        (AuthFailed, "{at} has a certificate that is not to be trusted: {said}. Check sslrootcert."),
    ),
    ("ora-01017", (AuthFailed, LOGIN)),
    ("unable to open database file", (NotFound, NO_FILE)),
    ("not authorized", (BadSettings, WRITES)),
    ("prohibited", (BadSettings, WRITES)),
)

_LOST_DATABASE = re.compile(r'(database|role) ".*" does not exist')


def explain(error: SQLAlchemyError, address: Address, about: str) -> SourceError:
    """The error to raise, without secrets.

    about  beside which setting to say what is wrong with what was asked: `query` or `table`
    """
    kind, message = _cause(error)
    at = f"{_NAMES.get(address.dialect, address.dialect)} at {address.shown}"
    text = message.format(at=at, said=_said(error, address))
    return BadSettings(about, text) if kind is BadSettings else kind(text)


def _cause(error: SQLAlchemyError) -> Cause:  # noqa: PLR0911 - a table of what each kind of driver tells
    if isinstance(error, NoSuchTableError):
        return BadSettings, MISSING
    if not isinstance(error, DBAPIError) or error.orig is None:
        return (Unreachable, AWAY) if isinstance(error, PoolTimeout) else (BadSettings, REFUSED)
    orig: Any = error.orig
    state = getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None)
    if state:
        return next((cause for begin, cause in _BY_STATE if state.startswith(begin)), (Unreachable, AWAY))
    code = str(getattr(orig, "sqlite_errorname", ""))
    if code == "SQLITE_ERROR" and re.match("not authorized|access to .* is prohibited", str(orig)):
        return BadSettings, WRITES
    if code:
        return next((cause for name, cause in _BY_SQLITE.items() if code.startswith(name)), (Unreachable, AWAY))
    number = orig.args[0] if orig.args and isinstance(orig.args[0], int) else 0
    if number in _BY_MYSQL:
        return _BY_MYSQL[number]
    said = str(orig)
    for sign, cause in _BY_TEXT:
        if sign in said.lower():
            return cause
    if found := _LOST_DATABASE.search(said):
        return (NotFound, DATABASE) if found[1] == "database" else (AuthFailed, LOGIN)
    is_away = isinstance(error, OperationalError) or error.connection_invalidated
    away = is_away or type(orig).__name__ in {"InterfaceError", "InternalError"}
    return (Unreachable, AWAY) if away else (BadSettings, REFUSED)


def _said(error: SQLAlchemyError, address: Address) -> str:
    orig: Any = getattr(error, "orig", None) or error
    diagnosis = getattr(orig, "diag", None)
    primary, hint = getattr(diagnosis, "message_primary", None), getattr(diagnosis, "message_hint", None)
    if primary:
        text = f"{primary}. {hint}" if hint else str(primary)
    elif len(orig.args) > 1 and isinstance(orig.args[0], int):  # MySQL's number and text
        text = str(orig.args[1])
    else:
        text = str(orig) or type(orig).__name__
    lines = [line for line in text.splitlines() if line.strip()]
    fatal = next((line for line in lines if "FATAL:" in line), "")  # of several addresses, what one of them answered
    said = fatal.split("FATAL:", 1)[1] if fatal else (lines or [type(orig).__name__])[0]
    return one_line(address.redact(said)).rstrip(".: ")


_NAMES = {
    "postgresql": "PostgreSQL",
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
}
_NAMES |= {"mssql": "SQL Server", "oracle": "Oracle"}
