"""What the whole process is told once, before feeds are read."""

import gc
import threading
from functools import cache

import pyarrow as pa

from state.logs import set_up_logs

COLLECT_AFTER = (50_000, 20, 100)
"""Objects, and collections of the generation before, after which the garbage collector looks at each generation."""
COLLECT_EVERY_S = 60.0
"""A session that has ended is a cycle, and holds its window until all generations are collected."""
MEMORY_POOL = "jemalloc"
"""Of Arrow's allocators the one that gives back what it no longer uses; on Windows there is none of it."""


@cache
def prepare_process() -> None:
    """Set up the log, the garbage collector and Arrow's memory for feeds and sessions that come and go; once, however often called.

    What is there by now (the imports, and the first session's few objects) stays. A collector that looked through it all again
    and again, as it does while a fast feed's records come and go, takes a third of the reading thread's time and stops every
    other thread for a tenth of a second.
    """
    set_up_logs()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    threading.Thread(target=_collect_now_and_then, name="collector", daemon=True).start()
    if MEMORY_POOL in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())


def _collect_now_and_then() -> None:
    never = threading.Event()
    while not never.wait(COLLECT_EVERY_S):
        gc.collect()
