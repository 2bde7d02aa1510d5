"""What the processes of this computer use, those of one name together."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from sources.machine_gauges import Gauge

SHOWN = 15
"""So many groups are shown one by one; the rest together as OTHERS."""

OTHERS = "other processes"

SHARE = 0.02
"""Looking at all processes may take so large a part of a core: where there are many, they are looked at less often."""

SLOW = 0.3
"""How much of a group's weight is made anew at each look, so that the groups that are shown do not change all the time."""


@dataclass(slots=True)
class Group:
    """What processes of one name use: seconds of processors since the last look, and bytes of memory."""

    seconds: float = 0.0
    resident: int = 0


class Processes:
    """Looks at all processes, now and then."""

    def __init__(self) -> None:
        self._cores = psutil.cpu_count() or 1
        self._spent: dict[psutil.Process, float] = {}
        self._weights: dict[str, float] = {}
        self._looked = 0.0
        self._next = 0.0

    def look(self) -> Iterator[Gauge]:
        """What the busiest groups use, and all others together; nothing where it is too early to look again.

        Of the first look there is no CPU: that takes two.
        """
        began, used = time.monotonic(), time.thread_time()
        if began < self._next:
            return
        groups = self._groups()
        elapsed, first = began - self._looked, not self._looked
        self._looked = began
        self._next = began + (time.thread_time() - used) / SHARE
        for name, group in self._ranked(groups, elapsed):
            if not first:
                percent = min(100.0, 100.0 * group.seconds / elapsed / self._cores)
                yield "process_cpu_pct", round(percent, 2), "gauge", name
            yield "process_memory_bytes", group.resident, "gauge", name

    def _groups(self) -> dict[str, Group]:
        groups: dict[str, Group] = defaultdict(Group)
        spent: dict[psutil.Process, float] = {}
        for process in psutil.process_iter():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    resident = process.memory_info().rss
                    name = process.name() or "?"
            except (psutil.Error, OSError):  # it has ended meanwhile, or is not for us to look at
                continue
            spent[process] = times.user + times.system
            group = groups[name]
            group.resident += resident
            group.seconds += max(0.0, spent[process] - self._spent.get(process, spent[process]))
        self._spent = spent
        return groups

    def _ranked(self, groups: dict[str, Group], elapsed: float) -> list[tuple[str, Group]]:
        """The groups that weigh most, and the others in one."""
        memory = sum(each.resident for each in groups.values()) or 1
        for name, group in groups.items():
            now = group.seconds / elapsed / self._cores + group.resident / memory
            before = self._weights.get(name, now)
            self._weights[name] = before + SLOW * (now - before)
        self._weights = {name: self._weights[name] for name in groups}
        ranked = sorted(groups, key=lambda name: -self._weights[name])
        rest = [groups[name] for name in ranked[SHOWN:]]
        shown = [(name, groups[name]) for name in ranked[:SHOWN]]
        if rest:
            others = Group(sum(each.seconds for each in rest), sum(each.resident for each in rest))
            shown.append((OTHERS, others))
        return shown
