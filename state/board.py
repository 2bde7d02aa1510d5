"""What one board shows, and the link that holds it: the link is the board.

Each setting has a default, which is left out of the link. Whatever a link holds can be read: a value that makes no sense
falls back to the default, and a complaint says so. A board never holds a secret, so its link cannot either.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime, timedelta

from sources.connections import ADDRESSES
from sources.durations import format_duration, parse_duration
from sources.protocol import Source, form_fields
from state.choice import AGGREGATES, Choice
from state.filters import parse_filter
from state.schema import Offer
from state.settings import (
    Complaint,
    Setting,
    Unfinished,
    kind_of,
    known_settings,
    make_source,
    parse_setting,
    quoted,
    setting_text,
)

DEFAULT_SOURCE = "simulated"
NONE = "none"
"""In `by`: one series of everything. In `views`: no panel at all."""

MODES = ("live", "paused")
WINDOW_LIMITS = ("5s", "7d")
WINDOW_PRESETS = ("1m", "5m", "15m", "1h", "6h", "1d")
REFRESH_LIMITS = ("0.1s", "60s")
REFRESH_PRESETS = {"trader": "0.1s", "operator": "1s", "wall": "5s", "report": "30s"}
MOST_FILTERS = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Board:
    """One board: what to watch and how. Equal boards have equal links.

    source   the settings of the feed, or what is known of them so far
    views    the panels shown, in their order on the page
    value    the measure's field name; "" for the feed's likeliest
    by       the dimension's field name; "" for the feed's likeliest, "none" for no split
    agg      one of AGGREGATES
    where    filters, `field:op:value`
    window   how far back it looks, `5s` to `7d`
    refresh  how often it is drawn, `0.1s` to `60s`
    mode     `live` or `paused`
    at       the instant of the right edge while paused, ISO in UTC; "" while live, or for the moment of opening
    """

    source: Source | Unfinished
    views: tuple[str, ...]
    value: str = ""
    by: str = ""
    agg: str = "mean"
    where: tuple[str, ...] = ()
    window: str = "5m"
    refresh: str = "1s"
    mode: str = "live"
    at: str = ""

    @property
    def window_s(self) -> float:
        return parse_duration(self.window)

    @property
    def refresh_s(self) -> float:
        return parse_duration(self.refresh)

    @property
    def at_us(self) -> int | None:
        """The right edge while paused, microseconds since the epoch."""
        return (datetime.fromisoformat(self.at) - _EPOCH) // timedelta(microseconds=1) if self.at else None

    def choice(self, offer: Offer, points: int = 360) -> Choice:
        """What the panels compute; what was left open, the feed's own fields decide.

        A feed without a measure has its events counted, whatever the aggregate.
        """
        value = self.value or next(iter(offer.measures), "")
        by = self.by or offer.split
        return Choice(
            value=value,
            by="" if by == NONE else by,
            agg=self.agg if value else "count",
            where=self.where,
            window_s=self.window_s,
            points=points,
        )


def read_link(
    params: Mapping[str, list[str]], *, sources: Mapping[str, type[Source]], views: Sequence[str], adhoc: bool
) -> tuple[Board, list[Complaint]]:
    """The board of a link's query parameters, and what could not be used of them. Never raises.

    Of a parameter given more than once the last counts, except for `where`, which takes them all.
    views  every panel there is, in their order on the page: the default
    adhoc  whether the link may say where to connect to; if not, only named connections are taken
    """
    given = {name: values[-1] for name, values in params.items() if values}
    complaints: list[Complaint] = []

    def read(name: str, default: str, parse: Callable[[str], str]) -> str:
        if name not in given:
            return default
        try:
            return parse(given[name])
        except ValueError as problem:
            used = f"{quoted(default)} is used instead" if default else "it is left out"
            complaints.append(Complaint(name, f"{problem}; {used}"))
            return default

    kind = sources[read("source", DEFAULT_SOURCE, lambda text: parse_word(text, tuple(sources)))]
    mode = read("mode", Board.mode, lambda text: parse_word(text, MODES))
    source, refused = _read_source(kind, given, adhoc=adhoc)
    where, unread = read_where(params.get("where", []))
    shown = read("views", ",".join(views), lambda text: _parse_views(text, views))
    board = Board(
        source=source,
        views=tuple(each for each in views if each in shown.split(",")),
        value=given.get("value", Board.value),
        by=given.get("by", Board.by),
        agg=read("agg", Board.agg, lambda text: parse_word(text, AGGREGATES)),
        where=where,
        window=read("window", Board.window, parse_window),
        refresh=read("refresh", Board.refresh, parse_refresh),
        mode=mode,
        at=read("at", Board.at, parse_instant) if mode == "paused" else Board.at,
    )
    known = {each.name for each in (*fields(Board), *form_fields(kind))}
    return board, [*complaints, *refused, *unread, *_strangers(sorted(given.keys() - known), kind)]


def write_link(board: Board, *, views: Sequence[str]) -> dict[str, str | list[str]]:
    """The query parameters that `read_link` reads back as this board; defaults are left out."""
    link: dict[str, str | list[str]] = {}
    kind = kind_of(board.source).kind
    if kind != DEFAULT_SOURCE:
        link["source"] = kind
    link |= {name: setting_text(value) for name, value in known_settings(board.source).items()}
    for each in fields(board):
        value = getattr(board, each.name)
        if each.default is not MISSING and value != each.default:
            link[each.name] = list(value) if each.name == "where" else value
    if board.views != tuple(views):
        link["views"] = ",".join(board.views) or NONE
    return link


def read_where(texts: Iterable[str]) -> tuple[tuple[str, ...], list[Complaint]]:
    """The filters that are filters, each once, and what to say of the others."""
    kept: list[str] = []
    complaints: list[Complaint] = []
    for text in dict.fromkeys(texts):
        try:
            parse_filter(text)
        except ValueError as problem:
            complaints.append(Complaint("where", f"{problem}; it is left out"))
        else:
            kept.append(text)
    if len(kept) > MOST_FILTERS:
        complaints.append(Complaint("where", f"{len(kept)} filters are too many; the first {MOST_FILTERS} are used"))
    return tuple(kept[:MOST_FILTERS]), complaints


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


def format_instant(instant: datetime) -> str:
    """The shortest text that `parse_instant` reads back; `instant` is in UTC."""
    micros = instant.microsecond
    precision = "microseconds" if micros % 1000 else "milliseconds" if micros else "seconds"
    return instant.isoformat(timespec=precision).replace("+00:00", "Z")


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


def _parse_views(text: str, views: Sequence[str]) -> str:
    if text != NONE:
        for name in text.split(","):
            parse_word(name, views)
    return text


def _read_source(
    kind: type[Source], given: Mapping[str, str], *, adhoc: bool
) -> tuple[Source | Unfinished, list[Complaint]]:
    settings: dict[str, Setting] = {}
    complaints: list[Complaint] = []
    for each in form_fields(kind):
        if each.name not in given:
            continue
        if each.name in ADDRESSES and not adhoc:
            message = "this page takes no addresses from a link: choose one of its named connections"
            complaints.append(Complaint(each.name, message))
            continue
        try:
            settings[each.name] = parse_setting(kind, each, given[each.name])
        except ValueError as allowed:
            used = quoted(str(each.default))
            message = f"{quoted(given[each.name])} is not {allowed}; {used} is used instead"
            complaints.append(Complaint(each.name, message))
    source, refused = make_source(kind, settings)
    return source, complaints + refused


def _strangers(names: Sequence[str], kind: type[Source]) -> list[Complaint]:
    if not names:
        return []
    some = ", ".join(quoted(name) for name in names[:5]) + (" and others" if names[5:] else "")
    return [Complaint("link", f"the link holds what is no setting of source {kind.kind!r}, and is left out: {some}")]
