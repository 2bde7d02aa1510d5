"""What crosses the border between a source and the rest: events that arrived together, as columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

SAMPLE_BYTES = 200
"""How much of a malformed message is kept to be shown."""

RESERVED = "_"
"""Columns whose names start so come from the transport (`_partition`, `_offset`, `_timestamp` …), not from the message."""


TIME = RESERVED + "time"
"""The event time that was settled on: never null, and the first column of every batch that a feed publishes."""

TIME_TYPE = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class Malformed:
    """One message that could not be decoded: why, where it stood, and how it began."""

    reason: str
    where: str = ""
    sample: bytes = b""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the messages of a feed are read.

    format  its name among `sources.formats.names`; of what is no messages, such as a Parquet file, the file's kind
    why     what told, or that it was asked for
    """

    format: str
    why: str


MOST_NOTES = 200
"""Of one feed, and of one recording."""
NOTE_CHARS = 200


@dataclass(frozen=True, order=True, slots=True)
class Note:
    """What a viewer has written beside an instant of a feed.

    at_us  microseconds since the epoch
    text   1 to NOTE_CHARS characters
    """

    at_us: int
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which events were lost, or may have been.

    from_us, until_us  microseconds since the epoch, by this machine's clock
    lost               how many events; None where nobody can know
    why                what happened, such as "the connection was lost"
    """

    from_us: int
    until_us: int
    lost: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How events get here: the counterpart pushes them as they happen, or it is asked every so often.

    every_s  seconds between two questions; 0 where events are pushed
    """

    every_s: float = 0.0


PUSHED = Delivery()


@dataclass(frozen=True, slots=True)
class Timed:
    """Where the event times come from that the source has settled on itself, as the column TIME of its batches.

    field    the field they were read from; "" for none of the events' own
    why      what told, and what was done to them
    refused  there is a time that can't be believed as it stands, and the settings could mend that
    untimed  events of this batch without a usable time of their own
    """

    field: str
    why: str
    refused: bool = False
    untimed: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that arrived together: immutable, so threads and viewers share it without copies.

    table      one row an event, oldest first as far as the source can tell; one column a field. Column types are
               int64, float64, bool, string and timestamp(us, UTC); a field absent from an event is null there.
               Two batches of one source may differ in columns and in a column's type.
    arrived    when it was read, seconds since the epoch
    malformed  messages that were read with it and could not be decoded; not among the rows
    samples    a few of those
    lag        events known to wait at the counterpart, per partition, after this batch; empty where unknowable
    reading    how its messages were read; None where the source gives no messages, or none has come yet
    earlier    events known to lie before the start position, which are not read
    notes      what was written beside the instants of these events, where a recording has it
    gaps       what was lost, or may have been, before these events or among them
    delivery   how they got here; None where nothing had to be fetched
    timed      whence the event times, where the table has them already, in the column TIME; None where they are to be found
    """

    table: pa.Table
    arrived: float
    malformed: int = 0
    samples: tuple[Malformed, ...] = ()
    lag: Mapping[str, int] = field(default_factory=dict)
    reading: Reading | None = None
    earlier: int = 0
    notes: tuple[Note, ...] = ()
    gaps: tuple[Gap, ...] = ()
    delivery: Delivery | None = None
    timed: Timed | None = None

    def __len__(self) -> int:
        return int(self.table.num_rows)


NO_ROWS = pa.table({})
"""The table of a batch in which nothing came."""
