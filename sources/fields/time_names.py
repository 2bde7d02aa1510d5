"""What a field's name says of its being the event time."""

from sources.fields.units import unit
from sources.fields.vocabulary import AMOUNTS, COUNTED, COUNTERS, IDS, SEQUENCES, TIME_ENDINGS, TIME_WORDS
from sources.fields.words import listed, words

UNNAMED = 0.0
"""Of names that say nothing; those that say something else are below."""

_EXACT = ("time", "timestamp", "ts", "eventtime", "eventtimestamp", "dt", "datetime", "occurredat", "date", "t")
"""Names that mean event time, the likeliest first."""
_BETTER = listed("event occurred measured observed sampled recorded source device reading pickup start started begin")
_WORSE = listed("created creation updated update modified modification published saved seen first last latest")
"""Of a thing's several times, of which any may be the event's."""
_LATER = listed("last latest updated update modified modification")
"""Of two that are equal in most events this is never further from the event."""
_UNDERWAY = listed(
    "ingest ingested ingestion received processed processing indexed sent server arrival collected load loaded stored synced"
)
"""When somebody on the way had it."""
_OTHER = listed(
    "end ended dropoff finish finished expires expiry expire expiration due birth born next previous prev valid schedule"
    " scheduled planned boot booted login deadline until deleted closed delivery closing open opened funding eta"
)
_LENGTHS = listed(
    "response elapsed duration latency processing execution request wait run cpu travel"
    " delay lag cycle idle busy total remaining spent took upstream"
)
"""Beside `time`, these make it a length of time."""
_ONLY_LENGTHS = listed("uptime runtime downtime lifetime walltime playtime overtime")
_WRAPPERS = listed("seconds value epoch date ms millis milliseconds unix nanos start iso text string numberlong")
"""Last parts of a dotted name that say only how the time before them is written."""
_UNIT_WORDS = listed(
    "s sec secs seconds ms millis milliseconds us micros microseconds ns nanos nanoseconds iso utc unix epoch gmt iso8601"
)


def certainty(name: str) -> float:
    """How sure the name makes a time: above UNNAMED if it says time, UNNAMED if nothing, below if something else.

    >>> certainty("@timestamp") > certainty("created_at") > certainty("expires_at") > UNNAMED
    True
    >>> certainty("T"), certainty("bytes") < 0, certainty("data.t") > 0
    (4.0, True, True)
    """
    own = _own(name)
    if not _ONLY_LENGTHS.isdisjoint(own):
        return -1.0
    bare = tuple(word for word in own if word not in _UNIT_WORDS) or own
    joined = "".join(bare)
    if joined in _EXACT:
        return 45.0 - 3.0 * _EXACT.index(joined) if len(joined) > 1 else 4.0
    if TIME_WORDS.isdisjoint(own) and bare and not bare[-1].endswith(TIME_ENDINGS):
        said = set(words(name))
        other = COUNTED | AMOUNTS | COUNTERS | IDS | SEQUENCES
        return -1.0 if not said.isdisjoint(other) or unit(name) else UNNAMED
    said = set(bare)
    value = 20.0 + 6.0 * (not said.isdisjoint(_BETTER)) - 4.0 * (not said.isdisjoint(_WORSE))
    value += 0.1 * (not said.isdisjoint(_LATER)) - 6.0 * (not said.isdisjoint(_UNDERWAY))
    return max(1.0, value - 14.0 * (not said.isdisjoint(_OTHER)) - 10.0 * (not said.isdisjoint(_LENGTHS)))


def unit_said(name: str) -> str:
    """The unit of an epoch that the name ends in: `ts_ms`; "" where it says none.

    >>> unit_said("ts_ms"), unit_said("time_us"), unit_said("created_at")
    ('ms', 'us', '')
    """
    own = words(name)
    found = unit("x_" + own[-1]) if own else ""
    return {"s": "s", "ms": "ms", "µs": "us", "ns": "ns"}.get(found, "") if len(own) > 1 else ""


def _own(name: str) -> tuple[str, ...]:
    """The words of the last part that says more than how the time is written."""
    parts = [part for part in name.split(".") if part]
    while len(parts) > 1 and set(words(parts[-1])) <= _WRAPPERS:
        parts.pop()
    return words(parts[-1]) if parts else ()
