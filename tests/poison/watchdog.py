"""What one input may cost: CPU seconds of this process, so that a busy machine is no finding, and memory."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

CPU_S = 1.0
"""The most CPU time that an input may take."""

MEMORY_BYTES = 256 * 2**20
"""How far an input may take the process's memory beyond what it had."""

HANGS_S = 10.0
"""After so much CPU time Python code is interrupted; what hangs in C is ended by pytest's own time-out."""

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
"""See proc(5): the peak becomes what is resident now."""


class TooCostly(AssertionError):
    """An input took more than its share."""


@contextlib.contextmanager
def watched(cpu_s: float = CPU_S, memory_bytes: int = MEMORY_BYTES) -> Iterator[None]:
    """Raise TooCostly where the body takes more CPU time or memory. Memory is measured on Linux only."""
    before = _begin()
    began = time.process_time()
    restore = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, restore)
    took = time.process_time() - began
    grown = _resident("VmHWM") - before
    if took > cpu_s:
        raise TooCostly(f"took {took:.1f} s of CPU, where {cpu_s} are enough")
    if grown > memory_bytes:
        raise TooCostly(f"took {grown / 2**20:,.0f} MB of memory, where {memory_bytes / 2**20:,.0f} are enough")


def _interrupt(_: int, __: FrameType | None) -> None:
    raise TooCostly(f"still at it after {HANGS_S:.0f} s of CPU")


def _begin() -> int:
    """Bytes resident, from where the peak is measured."""
    with contextlib.suppress(OSError):  # not Linux, or a container that does not let us
        _CLEAR.write_text(_RESET_PEAK)
    return _resident("VmHWM")


def _resident(field: str) -> int:
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)
