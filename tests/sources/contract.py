"""What every source promises, as checks that any source's tests can run.

SETTINGS_CHECKS take the settings alone; LIVE_CHECKS and FINITE_CHECKS take a Subject, which says how to open the source and
make it speak.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import pyarrow as pa
import pytest

from sources.batch import Batch
from sources.errors import BadSettings, EndOfStream
from sources.protocol import Reader, Source, form_fields

COLUMN_TYPES = {pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.timestamp("us", "UTC")}

LINK_NAMES = {"source", "value", "by", "agg", "where", "window", "refresh", "views", "mode", "at"}
"""The board's own names in the link, which no setting may take."""

SLACK_S = 2.0
"""What a busy machine may add to a timeout."""

DEADLINE_S = 30.0


@dataclass(frozen=True)
class Subject:
    """A source that can be opened here and now.

    open_reader  opens a reader to which events come
    open_quiet   opens a reader to which none come for a few seconds; only LIVE_CHECKS ask for it
    produce      makes so many events appear to the readers of `open_reader`
    in_order     whether the events of one table stand as the source promises, oldest first
    """

    open_reader: Callable[[], Reader]
    open_quiet: Callable[[], Reader]
    produce: Callable[[int], None]
    in_order: Callable[[pa.Table], bool]


def read(reader: Reader, count: int) -> list[Batch]:
    """Poll until at least `count` events have come or the stream has ended."""
    batches: list[Batch] = []
    deadline = time.monotonic() + DEADLINE_S
    while sum(map(len, batches)) < count:
        assert time.monotonic() < deadline, f"{sum(map(len, batches))} of {count} events came within {DEADLINE_S:.0f} s"
        try:
            batches.append(reader.poll(0.5))
        except EndOfStream:
            break
    return batches


def names_itself(source: Source) -> None:
    assert source.kind.isidentifier()
    assert source.title
    assert source.icon.startswith(":material/")


def equal_settings_are_one_feed(source: Source) -> None:
    assert is_dataclass(source)
    same: Any = replace(source)
    assert same == source
    assert len({source, same}) == 1


def settings_cannot_be_changed(source: Source) -> None:
    name = fields(source)[0].name  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        setattr(source, name, getattr(source, name))


def every_setting_has_a_help_text(source: Source) -> None:
    bare = [each.name for each in fields(source) if not each.metadata.get("help")]  # type: ignore[arg-type]
    assert not bare, f"no help text: {bare}"


def settings_leave_the_boards_own_names_in_the_link_alone(source: Source) -> None:
    taken = LINK_NAMES & {each.name for each in form_fields(source)}
    assert not taken, f"the link has its own meaning for {taken}"


def secrets_are_never_shown(source: Source) -> None:
    secret = [each for each in fields(source) if each.metadata.get("secret")]  # type: ignore[arg-type]
    shown = [each.name for each in secret if each.repr or each.metadata["form"]]
    assert not shown, f"secret, but in repr or in the form: {shown}"


SETTINGS_CHECKS = (
    names_itself,
    equal_settings_are_one_feed,
    settings_cannot_be_changed,
    every_setting_has_a_help_text,
    settings_leave_the_boards_own_names_in_the_link_alone,
    secrets_are_never_shown,
)


def refuses(source: Source, setting: str, wrong: object) -> None:
    """The settings, right but for one, are refused by its name and with what to do instead."""
    with pytest.raises(BadSettings) as refused:
        replace(source, **{setting: wrong}).open()  # type: ignore[type-var]
    message = str(refused.value)
    assert refused.value.setting == setting
    assert ": " in message, f"{message!r} does not say what to do: 'what is wrong: what to do'"


def events_come_in_the_allowed_types(subject: Subject) -> None:
    reader = subject.open_reader()
    subject.produce(50)
    batches = read(reader, 50)
    reader.close()
    kinds = {(each.name, each.type) for batch in batches for each in batch.table.schema}
    assert kinds, "no columns"
    odd = sorted(f"{name}: {kind}" for name, kind in kinds if kind not in COLUMN_TYPES)
    assert not odd, f"types no batch may have: {odd}"


def events_come_oldest_first(subject: Subject) -> None:
    reader = subject.open_reader()
    subject.produce(50)
    batches = read(reader, 50)
    reader.close()
    table = pa.concat_tables([batch.table for batch in batches if len(batch)], promote_options="permissive")
    assert table.num_rows >= 2
    assert subject.in_order(table), "the events do not stand in the order promised"


def a_batch_knows_when_it_arrived(subject: Subject) -> None:
    before = time.time()
    reader = subject.open_reader()
    subject.produce(1)
    batch = read(reader, 1)[-1]
    reader.close()
    assert before - 1e-3 <= batch.arrived <= time.time() + 1e-3


def a_poll_that_nothing_comes_to_ends_at_its_timeout_without_rows(subject: Subject) -> None:
    reader = subject.open_quiet()
    reader.poll(0)
    for timeout_s in (0, 0.2):
        start = time.monotonic()
        batch = reader.poll(timeout_s)
        took = time.monotonic() - start
        assert len(batch) == 0
        assert timeout_s * 0.9 <= took <= timeout_s + SLACK_S, f"poll({timeout_s}) took {took:.2f} s"
    reader.close()


def a_poll_after_close_gives_no_rows_at_once(subject: Subject) -> None:
    reader = subject.open_reader()
    subject.produce(10)
    reader.close()
    start = time.monotonic()
    assert len(reader.poll(DEADLINE_S)) == 0
    assert time.monotonic() - start <= SLACK_S


def closing_twice_does_no_harm(subject: Subject) -> None:
    reader = subject.open_reader()
    reader.poll(0)
    reader.close()
    reader.close()


def closing_from_another_thread_ends_a_waiting_poll(subject: Subject) -> None:
    reader = subject.open_quiet()
    reader.poll(0)
    outcome: list[Batch | BaseException] = []

    def wait() -> None:
        try:
            outcome.append(reader.poll(DEADLINE_S))
        except BaseException as error:  # noqa: BLE001 - asserted on below, in the thread that can fail the test
            outcome.append(error)

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    waiter.join(0.2)
    assert waiter.is_alive(), f"the poll did not wait: {outcome}"
    reader.close()
    waiter.join(SLACK_S)
    assert not waiter.is_alive(), f"the poll still waits {SLACK_S} s after close"
    [batch] = outcome
    assert isinstance(batch, Batch), repr(batch)
    assert len(batch) == 0


def a_finite_stream_says_that_it_has_ended(subject: Subject) -> None:
    reader = subject.open_reader()
    deadline = time.monotonic() + DEADLINE_S

    def drain() -> None:
        while time.monotonic() < deadline:
            reader.poll(0.1)

    with pytest.raises(EndOfStream):
        drain()
    with pytest.raises(EndOfStream):
        reader.poll(0.1)
    reader.close()


_READER_CHECKS = (
    events_come_in_the_allowed_types,
    events_come_oldest_first,
    a_batch_knows_when_it_arrived,
    a_poll_after_close_gives_no_rows_at_once,
    closing_twice_does_no_harm,
)

LIVE_CHECKS = (
    *_READER_CHECKS,
    a_poll_that_nothing_comes_to_ends_at_its_timeout_without_rows,
    closing_from_another_thread_ends_a_waiting_poll,
)
"""For a source that goes on for good."""

FINITE_CHECKS = (*_READER_CHECKS, a_finite_stream_says_that_it_has_ended)
"""For a source that ends by itself."""
