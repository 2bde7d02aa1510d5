"""What one tick shows: plain numbers, computed once and shared by every viewer of the same choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.batch import Delivery, Malformed, Note
from state.choice import Choice
from state.drift import Drift
from state.skew import Skew

SLOTS = 8
"""How many series a chart shows at once; each holds one slot, and so one colour, as long as it is shown."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Health:
    """How the feed itself is doing. Counts are since the feed was opened, unless the name says otherwise."""

    state: str = "connecting"
    """`connecting`, `catching up`, `live`, `waiting` (unreachable, will try again), `ended` or `failed`."""
    message: str = ""
    """What a person should know of the state: the error and what to do next. Empty when all is well."""
    progress: float = 1.0
    """Share of the history read so far, 0 to 1."""
    rate: float = 0.0
    """Events a second that arrived over the last few seconds."""
    age_s: float | None = None
    """Seconds between the newest event's own time and now; None before the first event."""
    behind_s: float = 0.0
    """By how many seconds event time runs behind (or, negative, ahead of) the clock when events arrive."""
    skews: tuple[Skew, ...] = ()
    """Producers whose clocks are off, the largest skew first."""
    lag: Mapping[str, int] = field(default_factory=dict)
    """Events that still wait at the counterpart, per partition."""
    earlier: int = 0
    """Events at the counterpart that lie before the start position."""
    malformed: int = 0
    samples: tuple[Malformed, ...] = ()
    untimed: int = 0
    """Events without a usable time of their own, placed at the time of their record or arrival."""
    late: int = 0
    """Events too old for the window when they came, or samples of a counter after a newer one: in no bucket of this board."""
    early: int = 0
    """Events too far ahead of the clock to be kept until their time comes."""
    drifts: tuple[Drift, ...] = ()
    """What changed among the fields, or in how messages are read, and interruptions; oldest first."""
    delivery: Delivery | None = None
    """How its newest events got here; None where nothing had to be fetched."""
    lost: int = 0
    """Events known to be lost on their way here."""
    unsure_s: float = 0.0
    """Seconds in which events may have been lost, because nobody was connected."""
    dropped: int = 0
    """Events this board missed, because they left the feed's memory before it could read them."""
    valueless: int = 0
    """Events in the window's life that hold no finite number in the chosen measure, or are of a counter past the limit."""
    thinned: int = 0
    """Events the feed forgot early, to keep to the bound of all feeds of the process together."""
    held: int = 0
    capacity: int = 1
    """Events held in the window, and the most it may hold."""
    let_go: int = 0
    """Events that left the feed's memory, the oldest first, because it is bounded."""
    kept_s: float = 0.0
    """How far back what is left reaches, in seconds; 0 as long as nothing was let go."""
    frame_ms: float = 0.0
    """What computing this frame took."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One board at one instant. Times are microseconds since the epoch, UTC.

    number      counts the frames of this board
    now_us      the right edge of the window: the clock for a live feed, the newest event time for an old one
    times_us    (n,) starts of the time buckets, oldest first, evenly spaced by choice.bucket_us; the last holds `now_us`
    slots       SLOTS names, None where the slot is free; a series keeps its slot while it is shown
    values      (n, SLOTS) the chosen aggregate per bucket and slot; NaN where there was no event
    totals      every series told apart, name → the chosen aggregate over the whole window, largest first, at most 50
    series      how many series are told apart
    raw_us, raw_values, raw_series
                (m,) newest raw events of one series, oldest first, decimated for drawing; its name
    raw_events  how many events those points stand for
    counts      (n, bins) events per time bucket and value bin, all series together
    edges       (bins + 1,) bounds of the value bins; bins is 0 while there is no value
    quantiles   {"p50": …, "p95": …, "p99": …} of the values in the window, empty while there is none
    newest      the newest events, newest first, as they came, at most 20
    newest_us   the newest event's time; None before the first
    open        so many of the newest buckets still fill, or may: no events there says nothing yet of counts, sums and rates
    other       (n,) the chosen aggregate of all series without a slot together; empty where every series has one
    others      how many series those are
    distinct    about how many series there are, those past all limits included
    unsure      series that were told apart late, name → at most so many of its events in the window are in `other`
    notes       what viewers have written beside instants of the window, oldest first
    standing    whether the board stands still: what it does not show may be somewhere else in what is held
    noted       whether there is any note on the feed, of whatever instant
    overview    one course a measure of choice.overview, name → (n,) its usual aggregate per bucket, all series together
    seen        events the feed has read since it was opened
    window_events  events that fall in the window; rows where those are aggregates already, increases where counters are shown
    """

    choice: Choice
    number: int
    now_us: int
    times_us: Ints
    slots: tuple[str | None, ...]
    values: Floats
    totals: Mapping[str, float]
    series: int
    raw_us: Ints
    raw_values: Floats
    raw_series: str
    raw_events: int
    counts: Counts
    edges: Floats
    quantiles: Mapping[str, float]
    newest: pa.Table
    newest_us: int | None
    seen: int
    window_events: int
    health: Health
    open: int = 1
    other: Floats = field(default_factory=lambda: np.empty(0))
    others: int = 0
    distinct: float = 0.0
    unsure: Mapping[str, int] = field(default_factory=dict)
    overview: Mapping[str, Floats] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    noted: bool = False
    standing: bool = False

    @property
    def start_us(self) -> int:
        """The left edge of the window."""
        return int(self.times_us[0])

    @property
    def end_us(self) -> int:
        """The right end of the time axis: that of the bucket which holds `now_us`."""
        return int(self.times_us[-1]) + self.choice.bucket_us
