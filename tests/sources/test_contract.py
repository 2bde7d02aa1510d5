"""Every source keeps the contract, and each check of it catches a reader that does not."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from sources import SOURCES
from sources.batch import NO_ROWS, Batch
from sources.errors import BadSettings, EndOfStream
from sources.protocol import Package, form_fields, setting
from tests.sources import contract
from tests.sources.contract import Subject, ascending
from tests.sources.promises import PROMISES, replayed

Check = Callable[[Any], None]


def wrong_settings() -> list[Any]:
    return [
        pytest.param(kind, name, value, id=f"{kind}-{name}-{value!s:.20}")
        for kind, promise in PROMISES.items()
        for name, values in promise.wrong.items()
        for value in values
    ]


def test_every_source_takes_part() -> None:
    assert set(PROMISES) == set(SOURCES)
    for kind, promise in PROMISES.items():
        assert type(promise.right) is SOURCES[kind]
        assert set(promise.wrong) == {each.name for each in form_fields(promise.right)}


@pytest.mark.parametrize("kind", PROMISES)
@pytest.mark.parametrize("check", contract.SETTINGS_CHECKS)
def test_settings_keep_the_contract(check: Check, kind: str) -> None:
    check(PROMISES[kind].right)


@pytest.mark.parametrize(
    "kind", [name for name, source in SOURCES.items() if "connection" in source.__dataclass_fields__]
)
def test_a_link_keeps_its_connection_until_it_is_looked_up(kind: str) -> None:
    """A link is read without what is in a connection. What is refused beside a setting is taken from the link."""
    source = SOURCES[kind]
    subject = {source.subject: "demo"} if source.subject else {}
    refused = ""
    try:
        source(connection="plant", **subject)
    except BadSettings as problem:
        refused = problem.setting
    assert refused != "connection"


@pytest.mark.parametrize(("kind", "name", "wrong"), wrong_settings())
def test_a_wrong_setting_is_named_and_the_message_says_what_to_do(kind: str, name: str, wrong: object) -> None:
    contract.refuses(PROMISES[kind].right, name, wrong)


@pytest.mark.parametrize("kind", [kind for kind, promise in PROMISES.items() if promise.live])
@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_a_reader_keeps_the_contract(check: Check, kind: str, tmp_path: Path) -> None:
    live = PROMISES[kind].live
    assert live
    check(live(tmp_path))


@pytest.mark.parametrize("check", contract.FINITE_CHECKS)
def test_the_reader_of_a_replay_that_ends_keeps_the_contract(check: Check, tmp_path: Path) -> None:
    check(replayed(tmp_path, loop=False, speed="max"))


class Listed:
    """A finite reader of 100 events, that keeps the contract but where a test breaks it."""

    def __init__(self) -> None:
        self.left = 100
        self.closed = False

    def poll(self, timeout_s: float) -> Batch:  # noqa: ARG002 - its events are all there
        if self.closed:
            return Batch(NO_ROWS, time.time())
        if not self.left:
            raise EndOfStream
        self.left -= 10
        first = 90 - self.left
        return Batch(pa.table({"n": pa.array(range(first, first + 10), pa.int64())}), time.time())

    def close(self) -> None:
        self.closed = True


def listed(reader: type[Listed]) -> Subject:
    return Subject(reader, reader, lambda _: None, ascending("n"))


@pytest.mark.parametrize("check", contract.FINITE_CHECKS)
def test_a_finite_reader_can_keep_the_contract(check: Check) -> None:
    check(listed(Listed))


class OddTypes(Listed):
    def poll(self, timeout_s: float) -> Batch:
        batch = super().poll(timeout_s)
        return Batch(batch.table.cast(pa.schema({"n": pa.int32()})), batch.arrived)


class Backwards(Listed):
    def poll(self, timeout_s: float) -> Batch:
        batch = super().poll(timeout_s)
        return Batch(batch.table.take(list(range(len(batch)))[::-1]), batch.arrived)


class Timeless(Listed):
    def poll(self, timeout_s: float) -> Batch:
        return Batch(super().poll(timeout_s).table, arrived=0)


class SpeaksAfterClose(Listed):
    def close(self) -> None:
        pass


class ClosesOnce(Listed):
    def close(self) -> None:
        if self.closed:
            raise ValueError("closed already")
        self.closed = True


class NeverWaits(Listed):
    def poll(self, timeout_s: float) -> Batch:  # noqa: ARG002 - that it does not wait is what is wrong with it
        return Batch(NO_ROWS, time.time())


@pytest.mark.parametrize(
    ("check", "reader"),
    [
        (contract.events_come_in_the_allowed_types, OddTypes),
        (contract.events_come_oldest_first, Backwards),
        (contract.a_batch_knows_when_it_arrived, Timeless),
        (contract.a_poll_after_close_gives_no_rows_at_once, SpeaksAfterClose),
        (contract.closing_twice_does_no_harm, ClosesOnce),
        (contract.a_poll_that_nothing_comes_to_ends_at_its_timeout_without_rows, Listed),
        (contract.a_poll_that_nothing_comes_to_ends_at_its_timeout_without_rows, NeverWaits),
        (contract.closing_from_another_thread_ends_a_waiting_poll, NeverWaits),
    ],
)
def test_a_reader_that_breaks_the_contract_is_caught(check: Check, reader: type[Listed]) -> None:
    with pytest.raises((AssertionError, ValueError, EndOfStream)):
        check(listed(reader))


@dataclass
class Careless:
    """Settings that break each promise."""

    kind: ClassVar[str] = "not a name"
    title: ClassVar[str] = ""
    icon: ClassVar[str] = "fire"
    subject: ClassVar[str] = "nothing of the kind"
    packages: ClassVar[tuple[Package, ...]] = (Package("no_such_module", "no-such-package"),)

    window: str = setting("", "")
    key: str = field(default="hunter2", metadata={"secret": True, "form": True})

    def open(self) -> Listed:
        return Listed()


@pytest.mark.parametrize("check", contract.SETTINGS_CHECKS)
def test_settings_that_break_the_contract_are_caught(check: Check) -> None:
    with pytest.raises((AssertionError, TypeError, pytest.fail.Exception)):
        check(Careless())


def test_a_wrong_setting_that_is_taken_is_caught() -> None:
    with pytest.raises(pytest.fail.Exception):
        contract.refuses(Careless(), "window", "wrong")
