"""The app, with feeds that stop after IDLE_S unwatched, and tidied as often; on SIGUSR1 it writes down the names of its threads.

python tests/browser/impatient_app.py run streamlit_app.py --server.port=8501
"""

import json
import signal
import sys
import threading
from functools import partial
from types import FrameType

from streamlit.web.cli import main

import state.feeds
import state.process
import views.kept_files

IDLE_S = 4.0
"""Longer than a paused board takes between two looks at its feed."""
THREADS = "threads: "


def write_down(_: int, __: FrameType | None) -> None:
    names = sorted(each.name for each in threading.enumerate())
    sys.stdout.write(f"{THREADS}{json.dumps(names)}\n")


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, write_down)
    state.feeds.Feeds = partial(state.feeds.Feeds, idle_s=IDLE_S)  # type: ignore[assignment,misc]
    state.process.TIDY_EVERY_S = IDLE_S
    state.process.THAW_EVERY = 1
    views.kept_files.KEPT_S = IDLE_S
    main()
