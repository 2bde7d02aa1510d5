"""One real PostgreSQL on loopback, for tests and for trying things by hand: it can be killed, and started again with what it held.

`python -m tests.servers.postgres` starts one, prints its address and keeps it until Ctrl-C.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.servers.free_port import free_port
from tests.servers.or_skip import Unavailable

USER = "reader"
PASSWORD = "reader-s3cret"  # noqa: S105 - a throw-away server's
OWNER = "owner"
START_S = 30.0
SETTINGS = ("-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_connections=40", "-c", "log_min_messages=fatal")


class Postgres:
    """A server with two users: OWNER may do anything without a password, USER has PASSWORD and may read what OWNER makes."""

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator["Postgres"]:
        """A running server in a folder of its own; both are gone afterwards. Raises Unavailable."""
        programs = _programs()
        folder = Path(tempfile.mkdtemp(prefix="pulseboard-postgres-"))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, folder)
            server = cls(programs, folder)
            stack.callback(server.kill)
            server.run()
            with server.owner() as connection:
                connection.execute(f"create role {USER} login password '{PASSWORD}'")
                connection.execute(f"alter default privileges grant select on tables to {USER}")
            yield server

    def __init__(self, programs: Path, folder: Path) -> None:
        """Make the database's files in `folder`."""
        self._programs = programs
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self._account = _account()
        if self._account is not None:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        self._call("initdb", "-D", str(folder / "data"), "-U", OWNER, "-A", "trust", "--no-sync", "-E", "UTF8")
        (folder / "data" / "pg_hba.conf").write_text(
            f"host all {USER} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
        )

    @property
    def url(self) -> str:
        """The address for USER, with the password in it."""
        return f"postgresql+psycopg://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    @property
    def open_url(self) -> str:
        """The address for OWNER, who needs no password."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/postgres"

    def owner(self) -> "psycopg.Connection[tuple[object, ...]]":
        """A new connection of OWNER's, each of whose statements is a transaction."""
        return psycopg.connect(host="127.0.0.1", port=self.port, user=OWNER, dbname="postgres", autocommit=True)

    def run(self) -> None:
        """Start it, or start it again; returns when it takes connections."""
        command = ("-D", str(self._folder / "data"), "-p", str(self.port), "-h", "127.0.0.1", "-k", "", *SETTINGS)
        self._process = subprocess.Popen(
            [self._programs / "postgres", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            start_new_session=True,
            **self._as_account(),
        )
        deadline = time.monotonic() + START_S
        while True:
            try:
                self.owner().close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise Unavailable(f"PostgreSQL did not start: {error}") from None
                self._pause()
            else:
                return

    def kill(self) -> None:
        """End it at once, as a power cut would; what was committed is there when it runs again."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGQUIT)
            process.wait(START_S)

    def _pause(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process is not None:
                self._process.wait(0.05)

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self._folder,
            **self._as_account(),
        )
        if done.returncode:
            raise Unavailable(f"{program} failed: {done.stderr.strip()[-300:]}")

    def _as_account(self) -> dict[str, int | list[int]]:
        """PostgreSQL refuses to run as root."""
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}


def _programs() -> Path:
    found = shutil.which("postgres")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise Unavailable("PostgreSQL is not installed: apt-get install postgresql")


def _account() -> pwd.struct_passwd | None:
    """Whom to run it as; None for who we are."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable("PostgreSQL does not run as root, and there is no user postgres")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the server ends with us
    with Postgres.start() as running:
        sys.stdout.write(f"{running.open_url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
