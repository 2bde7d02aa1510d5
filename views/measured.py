"""What is shown of a measure, in words and with its unit."""

from state.choice import MICROSECONDS, Choice
from state.measure import Measure
from state.rollup import PERCENTILES
from views.numbers import duration, unit


def name_of(measure: Measure, agg: str) -> str:
    """What an aggregate of a measure is called.

    >>> latency, sent = Measure("latency_ms", "latency_ms"), Measure("bytes_total", "bytes_total", kind="counter")
    >>> name_of(latency, "p95"), name_of(latency, "rate"), name_of(latency, "count"), name_of(sent, "rate")
    ('p95 latency_ms', 'events/s', 'events', 'bytes_total per second')
    """
    if agg == "rate" and measure.kind == "counter":
        return f"{measure.name} per second"
    of = " of the means of" if measure.parts and agg in PERCENTILES else ""  # all that is left of the single values
    return {"count": "events", "rate": "events/s"}.get(agg) or f"{agg}{of} {measure.name}"


def symbol_of(measure: Measure, agg: str) -> str:
    """The unit of an aggregate of a measure; "" where nothing tells.

    >>> sent = Measure("sent_bytes", "sent_bytes", kind="counter", unit="B")
    >>> symbol_of(sent, "rate"), symbol_of(sent, "max"), symbol_of(sent, "count")
    ('B/s', 'B', '')
    """
    own = measure.unit or unit(measure.name)
    if agg == "rate":
        return f"{own}/s" if measure.kind == "counter" else "/s"
    return "" if agg == "count" else own


def measured(choice: Choice) -> str:
    """What the board's chosen aggregate is called."""
    return name_of(choice.read, choice.agg)


def symbol(choice: Choice) -> str:
    """The unit of the board's chosen aggregate."""
    return symbol_of(choice.read, choice.agg)


def quantity(choice: Choice) -> str:
    """What the chosen aggregate measures, with its unit and what it is split by: the title of its axis."""
    by = f" by {choice.by}" if choice.by else ""
    if choice.agg == "count":
        return f"events per {duration(choice.bucket_us / MICROSECONDS)}{by}"
    per = f" per {duration(choice.bucket_us / MICROSECONDS)}" if choice.agg == "sum" else ""
    return f"{total(choice)}{per}{by}"


def total(choice: Choice) -> str:
    """What the chosen aggregate measures, with its unit."""
    own = symbol(choice) if choice.agg != "rate" or choice.counts_up else ""
    return f"{measured(choice)} ({own})" if own else measured(choice)


def single(choice: Choice) -> str:
    """What one event says of the measure, with its unit: of a counter, its increase since the event before."""
    own = symbol(choice) if choice.counts_up else choice.read.unit or unit(choice.value)
    name = measured(choice) if choice.counts_up else choice.value
    return f"{name} ({own})" if own else name
