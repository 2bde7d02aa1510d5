"""A lens fed with tables as a feed publishes them."""

import numpy as np
import pyarrow as pa

from sources.fields.event_time import with_event_time
from state.frame import Health
from state.lens import Lens
from state.segment import Segment, Span
from tests.state.feeds_by_hand import START

US = 1_000_000


def at_second(second):
    """Microseconds since the epoch."""
    return round((START + second) * US)


def table_of(at, **columns):
    """A published table: seconds after START, and columns as lists."""
    return with_event_time(pa.table(columns), np.array([at_second(second) for second in at], np.int64))


def lens_at(choice, second):
    lens = Lens(choice)
    lens.advance(at_second(second))
    return lens


def give(lens, table, **options):
    segment = Segment(0)
    segment.append(table)
    lens.update([Span(segment, 0, len(segment))], **options)


def look(lens):
    return lens.frame(seen=0, newest_us=None, health=Health())
