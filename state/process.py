"""What the whole process is told once, before feeds are read."""

import ctypes
import gc
import logging
import sys
import threading
from collections.abc import Callable
from functools import cache
from itertools import count

import pyarrow as pa

from state.logs import set_up_logs

logger = logging.getLogger("pulseboard.process")

COLLECT_AFTER = (50_000, 20, 100)
"""Objects, and collections of the generation before, after which the garbage collector looks at each generation."""
TIDY_EVERY_S = 60.0
"""A session that has ended is a cycle, and holds its window until all generations are collected."""
THAW_EVERY = 10
"""Every so many times the collector also looks through what was frozen: the sessions of that time have ended since, or will."""
MEMORY_POOL = "jemalloc"
"""Of Arrow's allocators the one that gives back what it no longer uses; on Windows there is none of it."""
ARENAS = 2
"""Glibc makes no more heaps than this, or than there are by then. It would give many threads one each, up to eight for each core, all of
which stay half empty: memory grew by a tenth over some thousand viewers."""
M_ARENA_MAX = -8
"""As `malloc.h` has it."""


@cache
def prepare_process(let_go: Callable[[], None]) -> None:
    """Set up the log, the garbage collector and Arrow's memory for feeds and sessions that come and go; once, however often called.

    What is there by now (the imports, but also the first session) is looked at seldom. A collector that looked through it all
    again and again, as it does while a fast feed's records come and go, takes a third of the reading thread's time and stops
    every other thread for a tenth of a second.

    let_go  drops references to what is not needed any more; called now and then, before its memory is given back
    """
    set_up_logs()
    _glibc("mallopt", M_ARENA_MAX, ARENAS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    threading.Thread(target=_tidy_now_and_then, args=(let_go,), name="tidy", daemon=True).start()
    if MEMORY_POOL in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())


def _tidy_now_and_then(let_go: Callable[[], None]) -> None:
    never = threading.Event()
    for turn in count(1):
        never.wait(TIDY_EVERY_S)
        try:
            let_go()
        except Exception:  # memory is given back all the same, for weeks
            logger.exception("what is not needed any more was not let go")
        collect(thaw=turn % THAW_EVERY == 0)
        give_back()


def collect(*, thaw: bool) -> None:
    """Collect what is garbage; with `thaw` also among what was frozen, and freeze what is left, which may be sessions that run."""
    if thaw:
        gc.unfreeze()
    gc.collect()
    if thaw:
        gc.freeze()


def give_back() -> None:
    """Return free memory to the system, which glibc keeps otherwise."""
    pa.default_memory_pool().release_unused()
    _glibc("malloc_trim", 0)


def _glibc(function: str, *arguments: int) -> None:
    """Call one of its own functions, where it is the C library: musl has none of them."""
    if sys.platform == "linux":
        call = getattr(ctypes.CDLL(None), function, None)
        if call is not None:
            call(*arguments)
