"""A feed that needs no server: a handful of web services as a monitoring agent would report them.

Everything is a pure function of the settings and the clock. Time is cut into steps, each drawn from its own generator seeded
by (seed, step), so two viewers, two processes and two ways of polling see the same events.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.batch import NO_ROWS, Batch
from sources.durations import parse_duration
from sources.errors import BadSettings
from sources.protocol import Package, setting

BACKLOG_EVENTS = 1_000_000
"""The most events handed over late, after opening or after the machine was asleep; the newest are kept."""

POLL_EVENTS = 16_384
"""The most events in one batch."""

TICK_US = 5_000
"""Events arrive in packets of so many microseconds, so that a fast feed doesn't wake its reader for each of them."""

SERVICES = (
    "checkout",
    "search",
    "login",
    "catalog",
    "payments",
    "cart",
    "orders",
    "shipping",
    "stock",
    "profile",
    "reviews",
)
REGIONS = ("eu-west", "us-east", "ap-south")
_REGION_NAMES = pa.array(REGIONS, pa.string())

LATE_SHARE = 0.001
"""How many of the events carry a time some seconds before their arrival."""

SPIKE_CHANCE, SILENCE_CHANCE = 0.12, 0.04
"""Per service and minute."""

SILENCE_S = 10.0

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_STEP_EVENTS = 1_000  # fewer to a step, and its fixed cost would outweigh its events
_WAVES = ((86_400, 0.35), (1_733, 0.15), (397, 0.12), (97, 0.05))  # period in seconds, size; the first is the day
_TRAITS, _EPISODES, _EVENTS = range(3)  # the streams of randomness: per feed, per minute, per step

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Simulated:
    """Settings of the simulated feed."""

    kind: ClassVar[str] = "simulated"
    title: ClassVar[str] = "Simulated feed"
    icon: ClassVar[str] = ":material/ssid_chart:"
    subject: ClassVar[str] = ""
    packages: ClassVar[tuple[Package, ...]] = ()

    rate: int = setting(100, "Events a second, all series together.", minimum=1, maximum=100_000)
    series: int = setting(5, "How many services report.", minimum=1, maximum=200)
    seed: int = setting(
        7, "Another seed is another feed; the same seed is the same feed for everyone.", minimum=0, maximum=2**32 - 1
    )
    history: str = setting(
        "5m", "How much of the past comes at once on opening, such as 30s, 5m or 1h.", choices=("0s", "1m", "5m", "1h")
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what is out of range."""
        for each in fields(self):
            if each.type is int:
                _check_whole_number(each.name, getattr(self, each.name), **each.metadata)
        try:
            parse_duration(str(self.history))
        except ValueError as error:
            raise BadSettings("history", f"history: {error}") from None

    def open(
        self, now: Callable[[], float] = time.time, wait: Callable[[float], object] | None = None
    ) -> "SimulatedReader":
        """Start at `history` before now. A test passes its own clock, and a `wait` that moves it on by so many seconds."""
        return SimulatedReader(self, now, wait)


def _check_whole_number(name: str, value: Any, *, minimum: int, maximum: int, **_: Any) -> None:
    if type(value) is not int or not minimum <= value <= maximum:
        raise BadSettings(name, f"{name} is {value!r:.40}: choose a whole number from {minimum} to {maximum:,}")


class SimulatedReader:
    """Hands over what has arrived by now, in order of arrival. See `sources.protocol.Reader`."""

    def __init__(self, settings: Simulated, now: Callable[[], float], wait: Callable[[float], object] | None) -> None:
        self._services = _Services(settings)
        self._now = now
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait
        self._next_us = self._now_us() - int(parse_duration(settings.history) * _SECOND)

    def poll(self, timeout_s: float) -> Batch:
        """What has arrived, at most POLL_EVENTS at a time; `lag` says about how many more have."""
        left_s = timeout_s  # counted down, not read off the clock, which a machine may set back while we wait
        while not self._closed.is_set():
            batch = self._take()
            if len(batch) or left_s <= 0:
                return batch
            ready_us = (self._services.first_arrival(self._next_us) // TICK_US + 1) * TICK_US
            pause_s = min(max(ready_us - self._now_us(), 1) / _SECOND, left_s)
            self._wait(pause_s)
            left_s -= pause_s
        return Batch(NO_ROWS, arrived=self._now())

    def close(self) -> None:
        """Wake a waiting poll and give no more events."""
        self._closed.set()

    def _now_us(self) -> int:
        return int(self._now() * _SECOND)

    def _take(self) -> Batch:
        now_us = self._now_us()
        due_us = now_us - now_us % TICK_US
        rate = self._services.rate
        self._next_us = max(self._next_us, due_us - BACKLOG_EVENTS * _SECOND // rate, 0)
        parts, room = [], POLL_EVENTS
        while self._next_us < due_us and room:
            part, self._next_us = self._services.arrived(self._next_us, due_us, room)
            parts.append(part)
            room -= part.num_rows
        table = pa.concat_tables(parts).combine_chunks() if room < POLL_EVENTS else NO_ROWS
        return Batch(table, arrived=self._now(), lag={"0": max(0, due_us - self._next_us) * rate // _SECOND})


class _Services:
    """The services themselves: what each reports in each step of time. Remembers the step it was last asked for."""

    def __init__(self, settings: Simulated) -> None:
        self.rate = settings.rate
        self._seed = settings.seed
        step_s = -(-_STEP_EVENTS // settings.rate)
        self._step_us = step_s * _SECOND
        self._step_events = step_s * settings.rate
        self._step = -1
        self._arrivals: Ints = np.empty(0, np.int64)
        self._table = NO_ROWS

        count = settings.series
        names = [*SERVICES[:count], *(f"service-{i + 1:02}" for i in range(len(SERVICES), count))]
        self._names = pa.array(names, pa.string())
        rng = self._generator(_TRAITS)
        self._share = np.cumsum(rng.uniform(1, 3, count))
        self._latency_ms = rng.lognormal(np.log(60), 0.6, count)
        self._cpu_pct = rng.uniform(20, 50, count)
        self._requests = rng.uniform(5, 60, count)
        self._phase = rng.uniform(0, 2 * np.pi, (len(_WAVES), count))

    def first_arrival(self, from_us: int) -> int:
        """When the first event at or after `from_us` arrives; if its step holds none, when the next step begins."""
        self._load(from_us // self._step_us)
        index = np.searchsorted(self._arrivals, from_us)
        return int(self._arrivals[index]) if index < len(self._arrivals) else (self._step + 1) * self._step_us

    def arrived(self, from_us: int, until_us: int, limit: int) -> tuple[pa.Table, int]:
        """Events of one step that arrive in [from_us, until_us), at most `limit`; and from when on there may be more."""
        self._load(from_us // self._step_us)
        until_us = min(until_us, (self._step + 1) * self._step_us)
        first, last = np.searchsorted(self._arrivals, (from_us, until_us)).tolist()
        if last - first > limit:
            last = first + limit
            until_us = int(self._arrivals[last])
        return self._table.slice(first, last - first), until_us

    def _generator(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, *stream))

    def _load(self, step: int) -> None:
        if step == self._step:
            return
        rng = self._generator(_EVENTS, step)
        n = self._step_events
        start_us = step * self._step_us
        at = start_us + ((np.arange(n) + rng.random(n)) * (self._step_us / n)).astype(np.int64)
        service = np.searchsorted(self._share, rng.random(n) * self._share[-1], side="right")
        spike, silent = self._episodes(at, service)
        region = rng.choice(len(REGIONS), n, p=(0.5, 0.3, 0.2))
        load = self._load_of_day(at, service)

        latency = self._latency_ms[service] * load * (1 + 0.25 * region) * (1 + spike) * rng.lognormal(0, 0.25, n)
        cpu = self._cpu_pct[service] * load + 35 * spike + rng.normal(0, 3, n)
        late_us = (rng.random(n) < LATE_SHARE) * rng.uniform(2, 15, n) * _SECOND
        table = pa.table(
            {
                "time": pa.array(at - late_us.astype(np.int64)).cast(pa.timestamp("us", "UTC")),
                "service": self._names.take(pa.array(service)),
                "region": _REGION_NAMES.take(pa.array(region)),
                "latency_ms": latency.round(2),
                "cpu_pct": cpu.clip(0, 100).round(1),
                "requests": rng.poisson(self._requests[service] * load),
            }
        )
        self._step, self._arrivals, self._table = step, at[~silent], table.filter(pa.array(~silent))

    def _load_of_day(self, at: Ints, service: Ints) -> Floats:
        """(n,) how busy each service is, about 1: a daily rhythm and slow drifts that never quite repeat."""
        seconds = at / _SECOND
        swings = [
            size * np.sin(2 * np.pi / period * seconds + phase[service])
            for (period, size), phase in zip(_WAVES, self._phase, strict=True)
        ]
        load: Floats = np.exp(np.sum(swings, axis=0))
        return load

    def _episodes(self, at: Ints, service: Ints) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """(n,) the height of the spike each event falls in, 0 where in none; (n,) whether its service is silent.

        Each minute, each service may have one spike and one silence; both begin and end within the minute.
        """
        minutes = range(int(at[0]) // _MINUTE, int(at[-1]) // _MINUTE + 1)
        draws = np.stack([self._generator(_EPISODES, minute).random((5, len(self._share))) for minute in minutes])
        minute = at // _MINUTE - minutes[0]
        second = at % _MINUTE / _SECOND
        spikes, spike_at, height, silences, silence_at = draws[minute, :, service].T
        in_spike = (spikes < SPIKE_CHANCE) & (np.abs(second - 10 - 40 * spike_at) < 2 + 4 * height)
        silent = (silences < SILENCE_CHANCE) & (np.abs(second - 10 - 40 * silence_at) < SILENCE_S / 2)
        return in_spike * (0.5 + height), silent
