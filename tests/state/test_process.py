"""What a process of many sessions gives back; in one of its own, since it is the whole process that is told."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

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

def fails_each_time():
    let_go.release()
    raise ValueError

state.process.prepare_process(fails_each_time)
for _ in range(3 * state.process.THAW_EVERY):
    assert let_go.acquire(timeout=30), "it is tidied no more once that failed"
"""

HEAPS = """
import ctypes, os, tempfile, threading
from state.process import prepare_process

libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p

def heaps():
    with tempfile.TemporaryFile() as told:
        stream = ctypes.c_void_p(libc.fdopen(os.dup(told.fileno()), b"w"))
        assert libc.malloc_info(0, stream) == 0
        libc.fclose(stream)
        told.seek(0)
        return told.read().count(b"<heap nr=")

prepare_process(lambda: None)
before, held, together = heaps(), [], threading.Barrier(30)

def hold():
    held.append(bytearray(100_000))
    together.wait(30)

threads = [threading.Thread(target=hold) for _ in range(30)]
for each in threads:
    each.start()
for each in threads:
    each.join()
assert len(held) == 30
assert heaps() <= max(before, 2), f"{heaps() - before} more"
"""


def run(script: str) -> None:
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=100)


def test_the_session_that_was_there_when_all_was_frozen_is_collected_in_the_end() -> None:
    run(FROZEN)


def test_the_process_is_tidied_again_and_again() -> None:
    run(TIDIED)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that gives each thread a heap")
def test_many_threads_share_the_heaps_there_are() -> None:
    run(HEAPS)
