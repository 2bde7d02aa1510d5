"""What all panels of one board agree on."""

from dataclasses import dataclass

from state.measure import Measure

MICROSECONDS = 1_000_000

AGGREGATES = ("mean", "sum", "count", "min", "max", "last", "p50", "p95", "p99", "rate")
"""What a board can show of each bucket; `rate` is events a second."""

WINDOW_EVENTS = 1_000_000
"""How many events a window holds at the most, by default."""

WINDOW_BYTES = 256 * 1024 * 1024
"""How much memory the events of a feed, or of a window that outlives them, may take."""

BUCKET_SECONDS = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    *(86400 * days for days in (0.25, 0.5, 1, 2, 7, 14, 30)),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of what to show. Equal choices on the same feed share one computed frame.

    value     the measure's name; "" where the feed has none (then events are counted)
    by        the dimension's field name; "" for one series of everything
    agg       one of AGGREGATES; `rate` of a counter is its increase a second, of anything else events a second
    where     filters as in the link, `field:op:value`
    window_s  the window's age in seconds
    points    at most so many buckets across the window, from the pixels that show them
    measure   how the measure is read, where that is more than a number in the field of its name
    identity  the fields that together tell one counter from another
    overview  measures that are shown side by side, whatever the chosen one
    """

    value: str = ""
    by: str = ""
    agg: str = "mean"
    where: tuple[str, ...] = ()
    window_s: float = 300.0
    points: int = 360
    measure: Measure | None = None
    identity: tuple[str, ...] = ()
    overview: tuple[Measure, ...] = ()

    @property
    def read(self) -> Measure:
        """How the measure is read."""
        return self.measure or Measure(self.value, self.value)

    @property
    def counts_up(self) -> bool:
        """Whether what is shown is the increase of a counter a second."""
        return self.agg == "rate" and self.read.kind == "counter"

    @property
    def bucket_us(self) -> int:
        """Width of a time bucket in microseconds: the finest round width that keeps to `points`."""
        for seconds in BUCKET_SECONDS:
            if self.window_s / seconds <= self.points:
                return int(seconds * MICROSECONDS)
        return int(BUCKET_SECONDS[-1] * MICROSECONDS)

    @property
    def buckets(self) -> int:
        """How many buckets cover the window."""
        return max(1, -(-int(self.window_s * MICROSECONDS) // self.bucket_us))
