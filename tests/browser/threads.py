"""Which threads the impatient app runs."""

import json
import signal
import threading
import time

from tests.browser.impatient_app import THREADS
from tests.browser.running_app import RunningApp

IMPATIENT = ("tests/browser/impatient_app.py", "run", "streamlit_app.py")
ANSWER_S = 10


def thread_names(app: RunningApp) -> list[str]:
    """The names of the threads of its process, as the process itself tells them."""
    told = app.log().count(THREADS)
    app.process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        lines = [line for line in app.log().splitlines(keepends=True) if line.startswith(THREADS)]
        if len(lines) > told and lines[-1].endswith("\n"):
            names: list[str] = json.loads(lines[-1].removeprefix(THREADS))
            return names
        threading.Event().wait(0.02)
    raise TimeoutError(f"the app did not name its threads:\n{app.log()[-2000:]}")


def wait_for_threads(app: RunningApp, prefix: str, count: int, timeout_s: float) -> None:
    """Wait until so many threads' names begin like that. Raises TimeoutError with all names."""
    deadline = time.monotonic() + timeout_s
    while sum(name.startswith(prefix) for name in thread_names(app)) != count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"not {count} threads {prefix}* after {timeout_s} s: {thread_names(app)}")
        threading.Event().wait(0.1)
