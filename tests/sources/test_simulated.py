from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.errors import BadSettings
from sources.simulated import BACKLOG_EVENTS, LATE_SHARE, POLL_EVENTS, SILENCE_S, Floats, Simulated, SimulatedReader

NOON = 1_800_000_000.0


class Clock:
    """Stands still but for what a test or a waiting reader moves it; whole microseconds, so that sums are exact."""

    def __init__(self, after_noon_us: int = 0) -> None:
        self.after_noon_us = after_noon_us

    def __call__(self) -> float:
        return NOON + self.after_noon_us / 1e6

    def advance(self, seconds: float) -> None:
        self.after_noon_us += round(seconds * 1e6)


def opened(clock: Clock, **chosen: object) -> SimulatedReader:
    return Simulated(**chosen).open(now=clock, wait=clock.advance)  # type: ignore[arg-type]


def drain(reader: SimulatedReader) -> pa.Table:
    tables = []
    while len(batch := reader.poll(0)):
        tables.append(batch.table)
    return pa.concat_tables(tables).combine_chunks() if tables else pa.table({})


def seconds(table: pa.Table) -> Floats:
    times: Floats = table["time"].cast(pa.int64()).to_numpy() / 1e6
    return times


def test_the_history_is_there_at_once_and_is_as_long_as_asked() -> None:
    table = drain(opened(Clock(), rate=100, history="5m"))
    times = np.sort(seconds(table))
    assert 29_000 < len(table) <= 30_000
    assert times[0] >= NOON - 300 - 15
    assert NOON - 301 < np.quantile(times, 0.001) < NOON - 298
    assert NOON - 1 < times[-1] < NOON


def test_without_history_the_first_event_is_yet_to_come() -> None:
    clock = Clock()
    reader = opened(clock, history="0s")
    assert len(reader.poll(0)) == 0
    clock.advance(1)
    assert 80 <= len(reader.poll(0)) <= 100


def test_columns_and_their_types_are_those_of_a_service_feed() -> None:
    table = drain(opened(Clock(), series=12))
    assert {name: str(kind) for name, kind in zip(table.schema.names, table.schema.types, strict=True)} == {
        "time": "timestamp[us, tz=UTC]",
        "service": "string",
        "region": "string",
        "latency_ms": "double",
        "cpu_pct": "double",
        "requests": "int64",
    }
    services = table["service"].unique().to_pylist()
    assert len(services) == 12
    assert {"checkout", "service-12"} < set(services)
    assert table["latency_ms"].to_numpy().min() > 0
    assert 0 <= table["cpu_pct"].to_numpy().min() <= table["cpu_pct"].to_numpy().max() <= 100


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 20_000_000), max_size=10), st.sampled_from([1, 7, 100, 2_500]))
def test_the_feed_is_the_same_however_it_is_polled(pauses: list[int], rate: int) -> None:
    whole = opened(Clock(sum(pauses)), rate=rate, history=f"{60 + sum(pauses) / 1e6:.6f}s")
    clock = Clock()
    reader = opened(clock, rate=rate, history="60s")
    parts = [drain(reader)]
    for pause in pauses:
        clock.advance(pause / 1e6)
        parts.append(drain(reader))
    polled = pa.concat_tables([part for part in parts if part.num_rows]).combine_chunks()
    expected = drain(whole)
    assert abs(expected.num_rows - polled.num_rows) <= 1 + rate * 1e-5  # the history's first microsecond is rounded
    rows = min(expected.num_rows, polled.num_rows)
    assert polled.slice(polled.num_rows - rows) == expected.slice(expected.num_rows - rows)


def test_another_seed_is_another_feed() -> None:
    one, same, other = (drain(opened(Clock(), seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize("rate", [1, 30, 100, 5_000, 100_000])
def test_events_come_at_the_rate_asked_for(rate: int) -> None:
    clock = Clock()
    reader = opened(clock, rate=rate, history="0s")
    clock.advance(8)
    table = drain(reader)
    assert 0.7 * rate * 8 - 3 <= len(table) <= rate * 8 + 1


def test_a_backlog_comes_in_several_batches_and_its_lag_falls_to_zero() -> None:
    reader = opened(Clock(), rate=1_000, history="3m")
    batches = [reader.poll(0) for _ in range(180_000 // POLL_EVENTS + 1)]
    lags = [batch.lag["0"] for batch in batches]
    assert max(map(len, batches)) == POLL_EVENTS
    assert all(after < before for before, after in pairwise(lags))
    assert lags[-1] == 0


@pytest.mark.parametrize("asleep", [False, True])
def test_a_backlog_keeps_the_newest_events_up_to_its_cap(*, asleep: bool) -> None:
    clock = Clock()
    reader = opened(clock, rate=50_000, history="0s" if asleep else "1h")
    if asleep:
        clock.advance(3600)
    table = drain(reader)
    assert 0.9 * BACKLOG_EVENTS < len(table) <= BACKLOG_EVENTS
    assert clock() - 0.1 < seconds(table)[-1000:].max() < clock()


def test_a_poll_waits_for_the_next_event_but_never_past_its_timeout() -> None:
    clock = Clock()
    reader = opened(clock, rate=1, history="0s")
    arrived = 0
    while clock() < NOON + 60:
        before_us = clock.after_noon_us
        batch = reader.poll(0.3)
        waited_us = clock.after_noon_us - before_us
        assert waited_us <= 300_001
        assert len(batch) or waited_us >= 299_999
        arrived += len(batch)
    assert 40 <= arrived <= 61  # the last poll may end a little after the minute


def test_a_poll_ends_at_its_timeout_though_the_clock_is_set_back() -> None:
    clock, waited = Clock(), []

    def wait(seconds: float) -> None:
        clock.advance(-3600)
        waited.append(seconds)

    reader = Simulated(history="0s").open(now=clock, wait=wait)
    assert len(reader.poll(0.5)) == 0
    assert sum(waited) == pytest.approx(0.5)


@pytest.fixture(scope="module")
def hour() -> pa.Table:
    return drain(opened(Clock(), rate=100, history="1h"))


def test_a_late_event_comes_now_and_then_and_the_others_in_order(hour: pa.Table) -> None:
    times = seconds(hour)
    behind = np.maximum.accumulate(times) - times
    late = behind > 1
    assert 0.3 * LATE_SHARE < late.mean() < 3 * LATE_SHARE
    assert behind.max() <= 15
    assert (np.diff(times[~late]) >= 0).all()


def test_a_series_has_its_own_level_and_spikes_and_falls_silent_at_times(hour: pa.Table) -> None:
    frame = hour.to_pandas()
    levels = frame.groupby("service")["latency_ms"].median()
    assert levels.max() > 1.3 * levels.min()
    spiking = []
    for name, one in frame.groupby("service"):
        per_second = one.set_index("time")["latency_ms"].sort_index().resample("1s").mean()
        spiking.append(int((per_second > 2 * levels[name]).sum()))
        assert 2 <= spiking[-1] < 1800
    silences = [one["time"].sort_values().diff().max().total_seconds() for _, one in frame.groupby("service")]
    assert 0.9 * SILENCE_S < max(silences) < 2 * SILENCE_S


def test_the_load_follows_a_daily_rhythm() -> None:
    table = drain(opened(Clock(), rate=5, series=1, history="2d"))
    hours = (seconds(table) % 86_400 // 3600).astype(int)
    load = table["requests"].to_numpy()
    by_hour = np.array([load[hours == each].mean() for each in range(24)])
    assert by_hour.max() > 1.5 * by_hour.min()
    assert abs(int(by_hour.argmax()) - int(by_hour.argmin())) in range(8, 17)


def test_another_type_than_a_whole_number_is_refused() -> None:
    with pytest.raises(BadSettings, match="rate is True: choose a whole number from 1 to 100,000"):
        Simulated(rate=True)
