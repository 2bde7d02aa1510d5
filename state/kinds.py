"""What kind of measure a field of numbers is: a state, a counter, or an amount that adds up."""

from itertools import pairwise

from sources.fields.vocabulary import AGES, AMOUNTS, COUNTERS, STATES
from sources.fields.words import Words, listed, words
from state.growth import Growth
from state.measure import Kind

NAMED, WHOLE, FRACTIONS = 5, 12, 30
"""So many rising steps without a fall that is no restart make a counter: if its name is one's, if it is whole or named as an
amount, which would fall as often as rise from event to event, and else."""

_SAID: dict[str, Kind] = {
    **dict.fromkeys(("counter", "cumulative", "derive", "monotonic", "cumulative sum", "monotonic_sum"), "counter"),
    **dict.fromkeys(("count", "c", "delta", "increment", "incr", "set", "s", "delta sum", "meter"), "amount"),
    **dict.fromkeys(("gauge", "g", "sum", "updowncounter", "ms", "timer", "timing", "histogram", "h", "summary", "d", "distribution"), "gauge"),
}  # fmt: skip
"""What metrics' types are called by StatsD, Prometheus, OpenTelemetry and collectd."""
_RUNNING = listed(
    "total totals cumulative cum accumulated energy kwh wh mwh odometer lifetime uptime received sent counter"
    " seconds nanoseconds microseconds jiffies ticks"
)
"""With these a name may be a counter's though it says a state: `activeEnergyKwh`, `cpu.usageCoreNanoSeconds`."""
_WINDOWS = frozenset("hdwms")
"""`volume_24h` is over a window: it does not add up."""


def said_kind(text: str) -> Kind | None:
    """The kind that a metric's type names.

    >>> said_kind("Counter"), said_kind("c"), said_kind("click")
    ('counter', 'amount', None)
    """
    return _SAID.get(text.strip().lower())


def kind_of(name: str, growth: Growth, *, whole: bool, said: Kind | None = None) -> tuple[Kind, str]:
    """The kind and what told.

    growth  what its steps within series show
    whole   whether its numbers are whole
    said    the kind that the events themselves name
    """
    if said == "counter" and growth.bad > 1 and not growth.counts_up(0):
        return "amount", "said to be a counter, but it falls: amounts that add up"
    if said is not None:
        return said, f"said to be a {said}"
    own, all_words = words(name.rsplit(".", 1)[-1]) or words(name), words(name)
    total = not _RUNNING.isdisjoint(own)
    momentary = (not STATES.isdisjoint(own) and not total) or "per" in own or _of_window(own)
    if growth.counts_up(_need(own, whole=whole, state=momentary)):
        restarts = ", with restarts" if growth.restarts else ""
        return "counter", f"only grows within each series{restarts}"
    state = momentary or not STATES.isdisjoint(all_words)
    if not state and not AMOUNTS.isdisjoint(own) and AGES.isdisjoint(own):
        return "amount", "named as an amount"
    return "gauge", "a state"


def _need(own: Words, *, whole: bool, state: bool) -> int:
    if state:
        return 10**9
    if not COUNTERS.isdisjoint(own):
        return NAMED
    return WHOLE if whole or not AMOUNTS.isdisjoint(own) else FRACTIONS


def _of_window(own: Words) -> bool:
    return any(one.isdigit() and other in _WINDOWS for one, other in pairwise(own))
