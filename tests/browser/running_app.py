"""The app in a process of its own, on a free port of this machine."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import psutil  # type: ignore[import-untyped]

from tests.servers.free_port import free_port

ROOT = Path(__file__).parents[2]
START_S = 60
STOP_S = 10

# Nothing may rerun the page but its viewer: no watcher of files, and no connection that happens to be set up here.
OPTIONS = ("--server.headless=true", "--server.address=127.0.0.1", "--server.fileWatcherType=none")
LEFT_OUT = ("KAFKA_BOOTSTRAP_SERVERS", "PULSEBOARD_ALLOW_ADHOC")


class RunningApp:
    """Where the app answers, and what it has written."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = psutil.Process(process.pid)
        self.origin = f"http://127.0.0.1:{port}"
        self._log = log

    def link(self, query: str | Mapping[str, str | list[str]] = "") -> str:
        """The page's address with these query parameters."""
        return f"{self.origin}/?{query if isinstance(query, str) else urlencode(query, doseq=True)}"

    def log(self) -> str:
        """All that it has written so far."""
        return self._log.read_text(errors="replace")


@contextlib.contextmanager
def running_app(
    command: tuple[str, ...] = ("-m", "streamlit", "run", "streamlit_app.py"), **environ: str
) -> Iterator[RunningApp]:
    """Start the app and end it afterwards.

    command  Python's arguments before Streamlit's own options
    environ  variables it sees beside this process's own

    Raises RuntimeError with its log if it does not come up.
    """
    with running_server(*command, *OPTIONS, "--server.port={port}", answers_at="/_stcore/health", **environ) as app:
        yield app


@contextlib.contextmanager
def running_server(*command: str, answers_at: str = "/", **environ: str) -> Iterator[RunningApp]:
    """Start any server on a free port and end it afterwards; else as `running_app`.

    command     Python's arguments, in which {port} stands for the port
    answers_at  the path that tells that it is up
    """
    port = free_port()
    inherited = {name: text for name, text in os.environ.items() if name not in LEFT_OUT}
    with tempfile.TemporaryDirectory(prefix="pulseboard-app-") as folder:
        log = Path(folder) / "app.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *(argument.format(port=port) for argument in command)],
                cwd=ROOT,
                env={**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environ},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            app = RunningApp(process, port, log)
            _wait_until_it_answers(process, app, answers_at)
            yield app
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], app: RunningApp, path: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
        with contextlib.suppress(OSError):  # not yet
            urllib.request.urlopen(app.origin + path).close()  # noqa: S310 - our own
            return
    raise RuntimeError(f"the app did not start:\n{app.log()[-4000:]}")
