"""This computer, measured and compared with what is known of it."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pytest

from sources import machine_gauges
from sources.connections import resolve
from sources.machine import Machine
from sources.machine_processes import OTHERS, SHOWN
from sources.machine_reader import MachineReader
from sources.protocol import form_fields
from state.board import Board
from state.feed import Feed
from tests.sources import contract
from tests.sources.contract import Counterpart, Subject
from views.form import Form

Check = Callable[[Any], None]


def readings(table: pa.Table) -> dict[str, dict[str, float]]:
    """By metric and part."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in table.to_pylist():
        found[row["metric"]][row["part"]] = row["value"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_machine_keeps_the_contract(check: Check) -> None:
    def in_order(table: pa.Table) -> bool:
        return bool((np.diff(table["time"].cast(pa.int64()).to_numpy()) >= 0).all())

    def open_quiet() -> MachineReader:
        reader = Machine(every="60s").open()
        assert isinstance(reader, MachineReader)
        return reader

    check(Subject(Machine(every="0.5s").open, open_quiet, lambda _: None, in_order))


def test_the_first_sample_is_there_at_once() -> None:
    with closing(Machine(every="60s").open()) as reader:
        batch = reader.poll(0)
        assert batch.delivery.every_s == 60
        assert len(reader.poll(0)) == 0
    found = readings(batch.table)
    assert set(found["cpu_pct"]) == {f"cpu{core}" for core in range(psutil.cpu_count() or 0)}
    assert all(0 <= each <= 100 for each in found["cpu_pct"].values())
    assert found["memory_pct"]["machine"] == pytest.approx(psutil.virtual_memory().percent, abs=10)
    assert all(0 <= each <= 100 for each in found["disk_full_pct"].values())
    assert set(batch.table["type"].to_pylist()) <= {"gauge", "counter"}


def test_samples_keep_to_their_interval_and_those_missed_are_not_made_up_for() -> None:
    with closing(Machine(every="0.5s", processes=False).open()) as reader:
        assert len(reader.poll(0))
        second = reader.poll(2)
        assert len(second)
        assert isinstance(reader, MachineReader)
        reader._due -= 60  # as after a sleep of a minute
        assert len(reader.poll(0))
        assert len(reader.poll(0)) == 0


@contextmanager
def burning(folder: Path) -> Iterator[str]:
    """A process of a name of its own that keeps a core busy."""
    script = folder / "pulseburner"
    script.write_text("#!/bin/sh\nwhile :; do :; done\n")
    script.chmod(0o755)
    process = subprocess.Popen([str(script)])
    try:
        yield script.name
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="its burner is a shell script")
def test_a_busy_process_is_seen_under_its_name_as_a_share_of_the_machine(tmp_path: Path) -> None:
    with burning(tmp_path) as name, closing(Machine(every="0.5s").open()) as reader:
        shares: list[float] = []
        for _ in range(10):
            if shares:
                break
            found = readings(reader.poll(2).table)["process_cpu_pct"]
            if name in found:
                shares.append(found[name])
    cores = psutil.cpu_count() or 1
    assert shares
    assert all(0 < each <= 100 / cores * 1.2 for each in shares), shares


class Named:
    """A process as psutil shows one; one that may not be looked at has no name."""

    def __init__(self, name: str, resident: int) -> None:
        self._name, self._resident = name, resident

    def oneshot(self) -> Any:
        return closing(SimpleNamespace(close=lambda: None))

    def name(self) -> str:
        if not self._name:
            raise psutil.AccessDenied(1)
        return self._name

    def cpu_times(self) -> Any:
        return SimpleNamespace(user=1.0, system=0.0)

    def memory_info(self) -> Any:
        return SimpleNamespace(rss=self._resident)


def test_few_groups_are_shown_and_nothing_of_the_others_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    those = [*(Named(f"p{number:02}", 100 + number) for number in range(40)), Named("p39", 1), Named("", 1)]
    monkeypatch.setattr(psutil, "process_iter", lambda: those)
    with closing(Machine(every="60s").open()) as reader:
        assert isinstance(reader, MachineReader)
        assert reader._processes is not None
        reader._processes._next = 0.0
        found = readings(reader.poll(0).table)["process_memory_bytes"]
    assert len(found) == SHOWN + 1
    assert found["p39"] == 140
    assert OTHERS in found
    assert sum(found.values()) == sum(range(100, 140)) + 1


def test_what_a_platform_does_not_have_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise psutil.AccessDenied

    for name in ("swap_memory", "net_io_counters", "disk_partitions", "disk_usage"):
        monkeypatch.setattr(psutil, name, refuse)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: None)  # as in a container
    monkeypatch.delattr(psutil, "sensors_temperatures", raising=False)
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    with closing(Machine(processes=False).open()) as reader:
        found = readings(reader.poll(0).table)
    assert {"cpu_pct", "memory_pct"} <= set(found)
    assert not {"disk_read_bytes", "net_sent_bytes", "disk_full_pct", "temperature_celsius"} & set(found)


def test_partitions_and_made_up_disks_are_not_counted_beside_their_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("sda", "sda1", "nvme0n1", "nvme0n1p2", "loop3", "dm-0", "md127", "vdb", "disk0", "PhysicalDrive1", "xvda1")
    counters = {name: SimpleNamespace(read_bytes=1, write_bytes=2) for name in names}
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: counters)
    found = {part for _, _, _, part in machine_gauges.disks()}
    assert found == {"sda", "nvme0n1", "vdb", "disk0", "PhysicalDrive1", "xvda1"}


@pytest.mark.parametrize("asked", [{}, {"processes": True}, {"processes": "true"}])
def test_strangers_never_see_the_processes(asked: dict[str, Any]) -> None:
    assert resolve(Machine, asked, {}, adhoc=False)["processes"] is False
    assert resolve(Machine, {"processes": True}, {}, adhoc=True)["processes"] is True
    assert [each.name for each in Form(Machine, {}, (), adhoc=False).fields()] == ["every"]
    assert "where addresses may be typed" in form_fields(Machine)[1].metadata["help"]


def test_without_processes_none_is_named() -> None:
    with closing(Machine(processes=False).open()) as reader:
        assert not any(metric.startswith("process") for metric in readings(reader.poll(0).table))


def test_the_board_shows_the_cores_first_and_rates_of_what_is_counted() -> None:
    feed = Feed(Machine(every="0.5s"))
    feed.start()
    feed.watch(0.5)
    try:
        assert feed.wait_for_history(10)
        feed.wait_for_first_events(10)
        offer = feed.schema.offer
        choice = Board(source=feed.source).choice(offer)
        assert choice.measure.name == "cpu_pct"
        assert choice.measure.unit == "%"
        assert offer.dimensions[0] == "part"
        assert choice.by in (("part",) if 1 < (psutil.cpu_count() or 1) <= 20 else ("", "part"))
        kinds = {each.name: each.kind for each in offer.measures}
        assert kinds["memory_pct"] == "gauge"
        assert all(kind == "counter" for name, kind in kinds.items() if name.startswith(("net_", "disk_read")))
    finally:
        feed.close()
        feed.join(5)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [True, False])
def test_measuring_costs_little(*, processes: bool) -> None:
    """With some hundred processes more than there are already."""
    more = [subprocess.Popen(["sleep", "60"]) for _ in range(300 * processes)]
    try:
        source = Machine(processes=processes)
        idle = Counterpart(source, lambda _: None, lambda: None, lambda: None, keeps=False)
        contract.a_feed_to_which_nothing_comes_costs_next_to_nothing(idle)
    finally:
        for each in more:
            each.kill()
            each.wait()
