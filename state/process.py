"""What the whole process is told once, before feeds are read."""

import gc

import pyarrow as pa

COLLECT_AFTER = (50_000, 20, 100)
"""Objects, and collections of the generation before, after which the garbage collector looks at each generation."""
MEMORY_POOL = "jemalloc"
"""Of Arrow's allocators the one that gives back what it no longer uses; on Windows there is none of it."""


def prepare_process() -> None:
    """Set up the garbage collector and Arrow's memory for feeds that come and go.

    What is imported by now stays. A collector that looked through it all again and again, as it does while a fast feed's
    records come and go, takes a third of the reading thread's time and stops every other thread for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    if MEMORY_POOL in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
