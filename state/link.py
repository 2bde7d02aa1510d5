"""The link is the board: query parameters to a board and back.

Each setting has a default, which is left out of the link. Whatever a link holds can be read: a value that makes no sense
falls back to the default, and a complaint says so. What a link may hold is no secret: `properties` are never among it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields

from sources.connections import ADDRESSES
from sources.protocol import Source, form_fields
from state.board import (
    MODES,
    MOST_FILTERS,
    NONE,
    Board,
    parse_moment,
    parse_range,
    parse_refresh,
    parse_window,
    parse_word,
)
from state.choice import AGGREGATES
from state.filters import parse_filter
from state.settings import (
    Complaint,
    Setting,
    Unfinished,
    kind_of,
    make_source,
    parse_setting,
    quoted,
    settings_in_link,
)

DEFAULT_SOURCE = "simulated"


def read_link(
    params: Mapping[str, list[str]], *, sources: Mapping[str, type[Source]], views: Sequence[str], adhoc: bool
) -> tuple[Board, list[Complaint]]:
    """The board of a link's query parameters, and what could not be used of them. Never raises.

    Of a parameter given more than once the last counts, except for `where`, which takes them all.
    views  every panel there is, in their order on the page
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
    shown = read("views", "", lambda text: _parse_views(text, views))
    board = Board(
        source=source,
        views=tuple(each for each in views if each in shown.split(",")) if shown else None,
        value=given.get("value", Board.value),
        by=given.get("by", Board.by),
        agg=read("agg", Board.agg, lambda text: parse_word(text, AGGREGATES)),
        where=where,
        window=read("window", Board.window, parse_window),
        refresh=read("refresh", Board.refresh, parse_refresh),
        mode=mode,
        at=read("at", Board.at, parse_moment) if mode == "paused" else Board.at,
        range=read("range", Board.range, parse_range) if mode == "paused" else Board.range,
    )
    known = {each.name for each in (*fields(Board), *form_fields(kind))}
    return board, [*complaints, *refused, *unread, *_strangers(sorted(given.keys() - known), kind)]


def write_link(board: Board) -> dict[str, str | list[str]]:
    """The query parameters that `read_link` reads back as this board; defaults are left out."""
    link: dict[str, str | list[str]] = {}
    kind = kind_of(board.source).kind
    if kind != DEFAULT_SOURCE:
        link["source"] = kind
    link |= settings_in_link(board.source)
    for each in fields(board):
        value = getattr(board, each.name)
        if each.default is not MISSING and each.name != "views" and value != each.default:
            link[each.name] = list(value) if each.name == "where" else value
    if board.views is not None:
        link["views"] = ",".join(board.views) or NONE
    return link


def read_where(texts: Iterable[str]) -> tuple[tuple[str, ...], list[Complaint]]:
    """The filters that are filters, each once, and what to say of the others."""
    kept: list[str] = []
    complaints: list[Complaint] = []
    for text in dict.fromkeys(texts):
        try:
            read = str(parse_filter(text))
        except ValueError as problem:
            complaints.append(Complaint("where", f"{problem}; it is left out"))
        else:
            kept.append(read)
    if len(kept) > MOST_FILTERS:
        complaints.append(Complaint("where", f"{len(kept)} filters are too many; the first {MOST_FILTERS} are used"))
    return tuple(kept[:MOST_FILTERS]), complaints


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
            offered = "recordings" if each.name == "path" else "named connections"
            message = f"this page takes no addresses from a link: choose one of its {offered}"
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
