"""What one board shows: its settings, what they may be, and their presets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sources.durations import format_duration, parse_duration
from sources.protocol import Source
from state.choice import Choice
from state.measure import USUAL, Measure
from state.schema import USUAL_WINDOW, Offer
from state.settings import Unfinished, quoted

NONE = "none"
"""In `by`: one series of everything. In `views`: no panel at all."""

MODES = ("live", "paused")
WINDOW_LIMITS = ("5s", "7300d")
WINDOW_PRESETS = ("1m", "5m", "15m", "1h", "6h", "1d", "30d", "365d")
REFRESH_LIMITS = ("0.1s", "60s")
REFRESH_PRESETS = {"trader": "0.1s", "operator": "1s", "wall": "5s", "report": "30s"}
MOST_FILTERS = 20
OVERVIEW = "measures"
"""The panel that shows measures side by side: they are computed only where it is shown."""
MOST_SIDE_BY_SIDE = 12
"""So many measures are shown in one panel."""
SHORTEST_RANGE_US = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_US = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""Nothing is looked at before 1970 or from here on: no event is believed to be of such a time, and calendars end a little beyond."""


@dataclass(frozen=True)
class Board:
    """One board: what to watch and how. Equal boards have equal links.

    source   the settings of the feed, or what is known of them so far
    views    the panels shown; None for those that suit the feed
    value    the measure's name; "" for the feed's likeliest
    by       the dimension's field name; "" for the feed's likeliest, "none" for no split
    agg      one of AGGREGATES; "" for what suits the measure
    where    filters, `field:op:value`
    window   how far back it looks, `5s` to `7300d`; "" for what suits the feed
    refresh  how often it is drawn, `0.1s` to `60s`
    mode     `live` or `paused`
    at       the instant of the right edge while paused, ISO in UTC; "" while live, or for the moment of opening
    range    what of a paused board is looked at, `FROM/TO`, two ISO instants in UTC; "" for the window that ends at `at`
    """

    source: Source | Unfinished
    views: tuple[str, ...] | None = None
    value: str = ""
    by: str = ""
    agg: str = ""
    where: tuple[str, ...] = ()
    window: str = ""
    refresh: str = "1s"
    mode: str = "live"
    at: str = ""
    range: str = ""

    @property
    def window_s(self) -> float:
        return parse_duration(self.window or USUAL_WINDOW)

    @property
    def refresh_s(self) -> float:
        return parse_duration(self.refresh)

    @property
    def at_us(self) -> int | None:
        """The right edge while paused, microseconds since the epoch."""
        return instant_us(self.at) if self.at else None

    @property
    def range_us(self) -> tuple[int, int] | None:
        """What of a paused board is looked at, microseconds since the epoch; None for the whole window."""
        if not self.range:
            return None
        start, end = self.range.split("/")
        return instant_us(start), instant_us(end)

    def choice(self, offer: Offer, points: int = 360) -> Choice:
        """What the panels compute; what was left open, the feed's own fields decide.

        A feed without a measure has its events counted, whatever the aggregate.
        """
        measure = offer.measure(self.value) if self.value else next(iter(offer.measures), None)
        value = self.value or (measure.name if measure else "")
        by = self.by or offer.split
        overview = offer.measures[:MOST_SIDE_BY_SIDE] if self.views and OVERVIEW in self.views else ()
        counted = any(each.kind == "counter" for each in (*overview, measure) if each)
        return Choice(
            value=value,
            measure=measure,
            identity=offer.identity if counted else (),
            by="" if by == NONE else by,
            agg=(self.agg or usual_aggregate(measure)) if value else "count",
            where=self.where,
            window_s=self.window_s,
            points=points,
            overview=overview,
        )


def usual_aggregate(measure: Measure | None) -> str:
    """How a measure of its kind is shown unless told."""
    return USUAL[measure.kind if measure else "gauge"]


def parse_window(text: str) -> str:
    """The window in its shortest form. Raises ValueError for the user."""
    return _parse_between(text, WINDOW_LIMITS)


def parse_refresh(text: str) -> str:
    """The refresh, or the need it is named by, in its shortest form. Raises ValueError for the user.

    >>> parse_refresh("500ms"), parse_refresh("trader")
    ('0.5s', '0.1s')
    """
    return _parse_between(REFRESH_PRESETS.get(text.lower(), text), REFRESH_LIMITS)


def parse_instant(text: str) -> str:
    """An ISO instant in UTC, such as `2024-05-01T12:00:00Z`; one without a zone is taken as UTC. Raises ValueError."""
    try:
        instant = datetime.fromisoformat(text)
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{quoted(text)} is no instant: write it as 2024-05-01T12:00:00Z") from None
    return format_instant(instant)


def parse_moment(text: str) -> str:
    """An instant, as `parse_instant` reads it, at which a board may have stood. Raises ValueError for the user.

    >>> parse_moment("0001-01-01")
    Traceback (most recent call last):
        ...
    ValueError: '0001-01-01' is before 1970
    """
    instant = parse_instant(text)
    if instant_us(instant) < 0:
        raise ValueError(f"{quoted(text)} is before 1970")
    return instant


def format_instant(instant: datetime) -> str:
    """The shortest text that `parse_instant` reads back; `instant` is in UTC."""
    micros = instant.microsecond
    precision = "microseconds" if micros % 1000 else "milliseconds" if micros else "seconds"
    return instant.isoformat(timespec=precision).replace("+00:00", "Z")


def parse_range(text: str) -> str:
    """Two ISO instants with a slash between them, the earlier first. Raises ValueError for the user.

    >>> parse_range("2024-05-01T12:00:00Z/2024-05-01T14:05:00+02:00")
    '2024-05-01T12:00:00Z/2024-05-01T12:05:00Z'
    """
    start, slash, end = text.partition("/")
    if not slash:
        raise ValueError(f"{quoted(text)} is no range: write it as 2024-05-01T12:00:00Z/2024-05-01T12:05:00Z")
    from_us, to_us = (instant_us(parse_moment(each)) for each in (start, end))
    if to_us >= LATEST_US:
        raise ValueError(f"{quoted(text)} ends after 2199")
    return format_range(from_us, to_us)


def format_range(from_us: int, to_us: int) -> str:
    """The text of a range between two instants. Raises ValueError for the user if it is too short, or ends before it begins."""
    if to_us - from_us < SHORTEST_RANGE_US:
        raise ValueError(f"a range lasts at least {SHORTEST_RANGE_US // 1000} ms: its end comes after its start")
    return "/".join(map(instant_text, (from_us, to_us)))


def instant_text(us: int) -> str:
    """An instant, microseconds since the epoch, as the link has it.

    >>> instant_text(1_714_564_800_500_000)
    '2024-05-01T12:00:00.500Z'
    """
    return format_instant(_EPOCH + timedelta(microseconds=us))


def instant_us(text: str) -> int:
    """An instant as `format_instant` writes it, microseconds since the epoch."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def parse_word(text: str, allowed: Sequence[str]) -> str:
    """`text`, if it is one of `allowed`. Raises ValueError for the user."""
    if text not in allowed:
        raise ValueError(f"{quoted(text)} is none of {', '.join(allowed)}")
    return text


def _parse_between(text: str, limits: tuple[str, str]) -> str:
    seconds = parse_duration(text)
    low, high = limits
    if not parse_duration(low) <= seconds <= parse_duration(high):
        raise ValueError(f"{quoted(text)} is not from {low} to {high}")
    return format_duration(seconds)
