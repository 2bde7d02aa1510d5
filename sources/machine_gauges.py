"""What there is to measure of a machine as a whole. Platforms differ: what one does not have, is left out.

Each gives readings: (metric, value, type, which part of the machine). A counter only grows: the board makes rates of it, which
add up over disks and interfaces.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any

import psutil  # type: ignore[import-untyped]

Gauge = tuple[str, float, str, str]

MACHINE = "machine"
"""The part that is all of it."""

MOST_THINGS = 50
"""So many disks, interfaces, file systems and sensors each are measured."""

MOST_CORES = 256

_MADE_UP = re.compile(r"(loop|ram|zram|dm-|md|sr|fd)\d+")
"""Block devices that are no disks, or stand for disks that are counted themselves."""
_WITHIN = re.compile(r"lo\d*|Loopback.*|veth.*", re.IGNORECASE)
"""Interfaces on which a machine speaks to itself."""

_ABSENT = (OSError, NotImplementedError, AttributeError, RuntimeError, psutil.Error)
"""What psutil raises where a platform, a container or a permission does not let it look."""


def quick() -> Iterator[Gauge]:
    """What changes from second to second."""
    with contextlib.suppress(*_ABSENT):
        for core, percent in enumerate(psutil.cpu_percent(percpu=True)[:MOST_CORES]):
            yield "cpu_pct", percent, "gauge", f"cpu{core}"
    with contextlib.suppress(*_ABSENT):
        memory = psutil.virtual_memory()
        yield "memory_pct", memory.percent, "gauge", MACHINE
        yield "memory_available_bytes", memory.available, "gauge", MACHINE
    with contextlib.suppress(*_ABSENT):
        swap = psutil.swap_memory()
        if swap.total:
            yield "swap_pct", swap.percent, "gauge", MACHINE
    if hasattr(os, "getloadavg"):
        with contextlib.suppress(*_ABSENT):
            yield "load_1m", os.getloadavg()[0], "gauge", MACHINE
    yield from disks()
    yield from interfaces()


def disks() -> Iterator[Gauge]:
    """What was read and written, a disk; not its partitions beside it."""
    found: dict[str, Any] = {}
    with contextlib.suppress(*_ABSENT):
        found = psutil.disk_io_counters(perdisk=True) or {}
    whole = [name for name in found if not _MADE_UP.fullmatch(name) and not _is_partition(name, found)]
    for name in whole[:MOST_THINGS]:
        yield "disk_read_bytes", found[name].read_bytes, "counter", name
        yield "disk_written_bytes", found[name].write_bytes, "counter", name


def _is_partition(name: str, disks: dict[str, Any]) -> bool:
    """Whether it is part of another: `sda1`, `nvme0n1p2`."""
    stem = re.sub(r"p?\d+$", "", name)
    return stem != name and (stem in disks or re.sub(r"\d+$", "", name) in disks)


def interfaces() -> Iterator[Gauge]:
    """What was received and sent, an interface that has ever had anything to do."""
    found: dict[str, Any] = {}
    with contextlib.suppress(*_ABSENT):
        found = psutil.net_io_counters(pernic=True) or {}
    used = [name for name, each in found.items() if not _WITHIN.fullmatch(name) and each.bytes_recv + each.bytes_sent]
    for name in used[:MOST_THINGS]:
        yield "net_received_bytes", found[name].bytes_recv, "counter", name
        yield "net_sent_bytes", found[name].bytes_sent, "counter", name


def slow() -> Iterator[Gauge]:
    """What changes from minute to minute, and may take longer to look at."""
    yield from _file_systems()
    with contextlib.suppress(*_ABSENT):
        sensors = psutil.sensors_temperatures()
        readings = [(f"{chip} {each.label}".strip(), each.current) for chip, those in sensors.items() for each in those]
        for name, degrees in readings[:MOST_THINGS]:
            yield "temperature_celsius", degrees, "gauge", name
    with contextlib.suppress(*_ABSENT):
        battery = psutil.sensors_battery()
        if battery is not None:
            yield "battery_pct", battery.percent, "gauge", MACHINE


def _file_systems() -> Iterator[Gauge]:
    """How full each is that lies on a device, and the one that this program runs on."""
    points: dict[str, str] = {}
    with contextlib.suppress(*_ABSENT):
        for each in psutil.disk_partitions(all=False):
            points.setdefault(each.device, each.mountpoint)
    mounted = list(points.values()) or [os.path.abspath(os.sep)]  # noqa: PTH100 - a drive's root on Windows
    for point in mounted[:MOST_THINGS]:
        with contextlib.suppress(*_ABSENT):
            yield "disk_full_pct", psutil.disk_usage(point).percent, "gauge", point
