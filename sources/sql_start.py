"""Where the history of a table or query begins."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from sources.fields.instants import NOT_A_TIME
from sources.sql_clock import Clock
from sources.sql_scan import Scan
from sources.start import Start

UNTIMED_ROWS = 1_000
"""The history of a table in which no column holds a time."""

LOOKED_BACK = 1_000
"""Of rows before the start so many count as read, so that those that show up among them are new."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Read what lies after `after`, all there is if it is None.

    position  what lies up to here was there before, and is not read; None where history is
    known     the watermarks of rows between the two
    why       what a person should know of it; "" for nothing
    """

    after: Any
    position: Any = None
    known: list[Any] = field(default_factory=list)
    why: str = ""


def begin_of(connection: Connection, scan: Scan, start: Start, newest: Mapping[str, Any], clock: Clock | None) -> Begin:
    """Find it; `newest` is the row whose watermark is highest, empty if there is none."""
    if not newest or start.where == "earliest":
        return Begin(None)
    if start.where == "latest":
        known = scan.newest_marks(connection, LOOKED_BACK)
        below = scan.last(connection, len(known)) if len(known) == LOOKED_BACK else None
        return Begin(below, known[-1], known) if known else Begin(None)
    if start.where == "last":
        return Begin(scan.last(connection, int(start.amount)))
    if clock is None:
        why = f"no column holds a time, so history is the last {UNTIMED_ROWS:,} rows"
        return Begin(scan.last(connection, UNTIMED_ROWS), why=why)
    return _of_age(connection, scan, start.amount, newest, clock)


def _of_age(connection: Connection, scan: Scan, seconds: float, newest: Mapping[str, Any], clock: Clock) -> Begin:
    why = "" if clock.sure else f"times in `{clock.name}` name no zone, so history is counted back from the newest row"
    since_us = int(((time.time() * 1e6) if clock.sure else clock.newest) - seconds * 1e6)
    mark = newest[scan.watermark.name]
    since = clock.value_at(max(0, since_us))
    if clock.name == scan.watermark.name:
        return Begin(since, why=why)
    if isinstance(mark, int):
        return Begin(_bisect(connection, scan, since_us, mark, clock), why=why)
    return Begin(scan.before_moment(connection, clock.name, since), why=why)


def _bisect(connection: Connection, scan: Scan, since_us: int, newest: int, clock: Clock) -> int | None:
    """The watermark before the first row of that time or later, by some forty looks at single rows: no index is needed."""
    oldest = low = int(scan.oldest(connection))
    high = newest + 1
    while low < high:
        middle = (low + high) // 2
        found = scan.at_or_after(connection, middle, clock.name)
        if found is None:
            high = middle
            continue
        at = int(clock.instants([found[1]])[0])
        if at == NOT_A_TIME or at >= since_us:
            high = middle
        else:
            low = int(found[0]) + 1
    return None if low <= oldest else low - 1
