"""What every source promises, as checks that any source's tests can run.

SETTINGS_CHECKS take the settings alone; LIVE_CHECKS and FINITE_CHECKS take a Subject, which says how to open the source and
make it speak.
"""

import gc
import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
import pyarrow as pa
import pytest

from sources.batch import Batch
from sources.errors import BadSettings, EndOfStream, Unreachable
from sources.packages import missing
from sources.protocol import Reader, Source, form_fields
from state.feed import Feed

COLUMN_TYPES = {pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.timestamp("us", "UTC")}

LINK_NAMES = {"source", "value", "by", "agg", "where", "window", "refresh", "views", "mode", "at", "range", "board"}
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


def ascending(name: str) -> Callable[[pa.Table], bool]:
    """Whether the values of that column rise from row to row."""

    def rises(table: pa.Table) -> bool:
        values = table[name]
        values = values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values
        return bool((np.diff(values.to_numpy()) > 0).all())

    return rises


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
    assert source.subject in {"", *(each.name for each in form_fields(source))}


def its_packages_are_there(source: Source) -> None:
    assert not missing(type(source))


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
    its_packages_are_there,
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


OPENINGS = 50
WARM_UP = 10
"""What a library makes once, and keeps, it has made by then."""


def opened_and_closed_many_times_it_leaves_no_thread_and_no_descriptor(subject: Subject) -> None:
    def open_and_close(number: int) -> None:
        reader = subject.open_quiet() if number % 2 else subject.open_reader()
        reader.poll(0)
        waiter = threading.Thread(target=reader.poll, args=(DEADLINE_S,), daemon=True)
        if number % 4 == 1:  # closed amid a poll
            waiter.start()
        reader.close()
        if waiter.ident:
            waiter.join(DEADLINE_S)

    def speak() -> None:
        """A counterpart that runs in this process notices that somebody has gone when it has something to say."""
        reader = subject.open_reader()
        for _ in range(3):
            subject.produce(1)
            read(reader, 1)
        reader.close()

    def held() -> tuple[int, int]:
        gc.collect()
        return threading.active_count(), psutil.Process().num_fds()

    for number in range(WARM_UP):
        open_and_close(number)
    speak()
    before = _least(held)
    for number in range(OPENINGS):
        open_and_close(number)
    speak()
    after = _least(held, before)
    assert all(now <= then for now, then in zip(after, before, strict=True)), (
        f"threads and file descriptors: {before} before, {after} after {OPENINGS} openings"
    )


def _least(held: Callable[[], tuple[int, int]], enough: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """The least that is held, each on its own, until it is enough or no less for SLACK_S: what was closed may still be ending."""
    least, changed = held(), time.monotonic()
    while any(now > then for now, then in zip(least, enough, strict=True)) and time.monotonic() < changed + SLACK_S:
        threading.Event().wait(0.1)
        less = tuple(map(min, least, held()))
        if less != least:
            least, changed = less, time.monotonic()
    return least


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
    pytest.param(
        opened_and_closed_many_times_it_leaves_no_thread_and_no_descriptor,
        marks=[pytest.mark.slow, pytest.mark.timeout(600)],
    ),
)
"""For a source that goes on for good."""

FINITE_CHECKS = (*_READER_CHECKS, a_finite_stream_says_that_it_has_ended)
"""For a source that ends by itself."""


@dataclass(frozen=True)
class Counterpart:
    """The real thing that a source reads from, here and now, under our control.

    source   settings with which it is read, without history
    produce  makes so many events appear, each with an ever higher number in the field `n`; returns when they have been accepted
    stop     kills it; what it has told to keep is still there when it is back
    start    starts it, or starts it again, at the same address; returns when it accepts connections
    keeps    whether no event may be lost while it is away, or nobody is connected
    rate     how many events a second the protocol can carry, at most 10,000 of which are asked for
    """

    source: Source
    produce: Callable[[int], None]
    stop: Callable[[], None]
    start: Callable[[], None]
    keeps: bool
    rate: int = 10_000


IDLE_SHARE = 0.03
"""The part of a core that a feed may take to which nothing comes."""
IDLE_S = 4.0
ABSENT_S = 12.0


def numbers_in(batches: Iterable[Batch]) -> list[int]:
    return [int(number) for batch in batches if len(batch) for number in batch.table["n"].to_pylist()]


def poll_through(reader: Reader, until: Callable[[list[Batch]], bool], batches: list[Batch]) -> list[str]:
    """Poll as a feed does, until something is so; what was said meanwhile of a counterpart that is away."""
    said: list[str] = []
    deadline = time.monotonic() + DEADLINE_S
    while not until(batches):
        assert time.monotonic() < deadline, (
            f"{sum(map(len, batches))} events came within {DEADLINE_S:.0f} s; {said[-1:]}"
        )
        try:
            batches.append(reader.poll(0.25))
        except Unreachable as away:
            said.append(str(away))
            until_retry.wait(0.2)
    return said


until_retry = threading.Event()
"""Never set: what a feed waits between two attempts."""


def a_counterpart_that_is_absent_is_unreachable_or_waited_for(counterpart: Counterpart) -> None:
    """Opening fails soon, with what to do; once the counterpart is there, opening works, or the same reader reads."""
    counterpart.stop()
    began = time.monotonic()
    try:
        with pytest.raises(Unreachable) as away:
            reader = counterpart.source.open()
            poll_through(reader, lambda _: time.monotonic() - began > ABSENT_S, [])
            reader.close()
        assert time.monotonic() - began <= ABSENT_S
        assert ": " in str(away.value), f"{away.value} does not say what to do"
    finally:
        counterpart.start()
    reader = counterpart.source.open()
    counterpart.produce(5)
    assert len(numbers_in(read(reader, 5))) >= 5
    reader.close()


def a_counterpart_that_is_killed_and_comes_back_is_read_on(counterpart: Counterpart) -> None:
    """By the same reader; without loss where that is promised, else the gap is told."""
    reader = counterpart.source.open()
    try:
        counterpart.produce(20)
        before = read(reader, 20)
        first = numbers_in(before)
        batches: list[Batch] = []
        away: list[str] = []
        counterpart.stop()
        deadline = time.monotonic() + DEADLINE_S
        while not away and time.monotonic() < deadline:
            try:
                batches.append(reader.poll(0.25))
            except Unreachable as error:
                away.append(str(error))
        assert away, "nothing was said of a counterpart that is away"
        counterpart.start()
        poll_until_back(reader, batches)
        counterpart.produce(20)
        poll_through(reader, lambda batches: len(numbers_in(batches)) >= 20, batches)
        after = numbers_in(batches)
        assert after == sorted(after)
        if counterpart.keeps:
            assert sorted({*first, *after}) == list(range(min(first), max(after) + 1)), "events were lost"
        else:
            assert [gap for batch in batches for gap in batch.gaps], "the gap is not told"
        assert len(first) + len(after) == len({*first, *after}), "events came twice"
    finally:
        reader.close()


def poll_until_back(reader: Reader, batches: list[Batch]) -> None:
    """Poll until a poll raises nothing more."""
    before = len(batches)
    poll_through(reader, lambda batches: len(batches) > before, batches)


def tell(counterpart: Counterpart, **figures: float) -> None:
    """Print what was measured, a JSON object a line: `pytest -rP` shows it."""
    print(json.dumps({"source": counterpart.source.kind, **figures}))  # noqa: T201 - that is the point


def many_events_a_second_are_carried(counterpart: Counterpart) -> None:
    """Two seconds' worth is read in little more than two seconds from when it was sent, and all of it."""
    count = 2 * min(10_000, counterpart.rate)
    reader = counterpart.source.open()
    try:
        read(reader, 0)
        reader.poll(0.1)
        began = time.monotonic()
        producer = threading.Thread(target=counterpart.produce, args=(count,), daemon=True)
        producer.start()
        batches = read(reader, count)
        took = time.monotonic() - began
        producer.join(DEADLINE_S)
        assert len(numbers_in(batches)) >= count
        assert not [gap for batch in batches for gap in batch.gaps]
        tell(counterpart, events=count, seconds=round(took, 2), events_per_s=round(count / took))
        assert took <= 2 + 2 * SLACK_S, f"{count} events took {took:.1f} s"
    finally:
        reader.close()


def a_feed_to_which_nothing_comes_costs_next_to_nothing(counterpart: Counterpart) -> None:
    """All threads of this process together, by their CPU time, while a feed is read as for a viewer who looks every second."""
    feed = Feed(counterpart.source)
    feed.start()
    try:
        feed.watch(1.0)
        assert feed.wait_for_history(DEADLINE_S), feed.status
        assert feed.status.state == "live", feed.status
        used = time.process_time()
        deadline = time.monotonic() + IDLE_S
        while time.monotonic() < deadline:
            feed.watch(1.0)
            until_retry.wait(0.25)
        share = (time.process_time() - used) / IDLE_S
        tell(counterpart, idle_share_of_a_core=round(share, 4))
        assert share <= IDLE_SHARE, f"{share:.1%} of a core"
    finally:
        feed.close()
        feed.join(DEADLINE_S)


OUTAGE_CHECKS = (
    a_counterpart_that_is_absent_is_unreachable_or_waited_for,
    a_counterpart_that_is_killed_and_comes_back_is_read_on,
    many_events_a_second_are_carried,
    a_feed_to_which_nothing_comes_costs_next_to_nothing,
)
"""For a source with a counterpart outside of this process, which can be stopped and started."""
