"""What a process of many sessions gives back; in one of its own, since it is the whole process that is told."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

FROZEN = """
import gc, weakref
from state.process import collect

class Session:
    pass

session = Session()
session.itself = session
kept = weakref.ref(session)
gc.freeze()
del session
collect(thaw=False)
assert kept() is not None, "the collector looks through what is frozen each time"
collect(thaw=True)
assert kept() is None, "a session that was there when all was frozen stays for ever"
assert gc.get_freeze_count() > 1000
"""

TIDIED = """
import threading
import state.process

state.process.TIDY_EVERY_S = 0.01
let_go = threading.Semaphore(0)
state.process.prepare_process(let_go.release)
for _ in range(3 * state.process.THAW_EVERY):
    assert let_go.acquire(timeout=30), "it is tidied no more"
"""


def run(script: str) -> None:
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=100)


def test_the_session_that_was_there_when_all_was_frozen_is_collected_in_the_end() -> None:
    run(FROZEN)


def test_the_process_is_tidied_again_and_again() -> None:
    run(TIDIED)
