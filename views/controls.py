"""The sidebar: every setting of the board.

The widgets are the truth, and the link follows them. A setting that makes no sense has its message beside it, and the
board keeps the last good one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from sources.connections import resolve
from sources.protocol import Listing, Source
from sources.recordings import offered as offered_recordings
from sources.replay import Replay
from state.board import NONE, REFRESH_PRESETS, WINDOW_PRESETS, Board, parse_refresh, parse_window
from state.schema import Offer
from state.settings import Unfinished, known_settings, make_source
from views.form import Form
from views.pickers import (
    choose_aggregate,
    choose_duration,
    choose_field,
    choose_filters,
    choose_kind,
    choose_views,
)
from views.saved import show_save
from views.session import Memory, keep_link, may_type_addresses, named_connections, recall, remember
from views.subjects import list_subjects
from views.upload import show_upload

_REFRESH_NAMES = {refresh: f"{need} · {refresh}" for need, refresh in REFRESH_PRESETS.items()}


def choose_source(sources: Mapping[str, type[Source]], views: Mapping[str, str]) -> Source | Unfinished:
    """Draw the upper part of the sidebar: the source with its form. What comes back can be opened.

    views  the panels' titles by name, in their order on the page
    """
    memory = remember(sources, tuple(views))
    with st.sidebar:
        memory.say("link")
        with _section("input", "Source"):
            source = _choose_settings(memory, sources[choose_kind(memory, sources)])
    memory.watch(source)
    return source


def choose_view(offer: Offer, views: Mapping[str, str], suiting: Sequence[str]) -> Board:
    """Draw the lower part of the sidebar: what to show of the feed, panels and all. The link then is the board's.

    offer  the feed's fields; empty while nothing is known of them
    views  the panels' titles by name
    suiting  the panels that suit the feed, in their order: what is shown unless told
    """
    memory = recall()
    with st.sidebar:
        with _section("bar_chart", "Measure"):
            value = choose_field(
                memory, "value", "Value", [each.name for each in offer.measures], {"": "Automatic"}, ()
            )
            by = choose_field(
                memory, "by", "Group by", offer.dimensions, {"": "Automatic", NONE: "No split"}, offer.fields
            )
            agg = choose_aggregate(memory)
            where = choose_filters(memory, offer)
        with _section("schedule", "Time"):
            window = choose_duration(memory, "window", ("", *WINDOW_PRESETS), parse_window, {"": "Automatic"})
            refresh = choose_duration(memory, "refresh", tuple(_REFRESH_NAMES), parse_refresh, _REFRESH_NAMES)
            memory.brushing = st.toggle("Pause when I drag on a chart", value=memory.brushing, key="brushing")
        with _section("dashboard", "Views"):
            shown = choose_views(memory, views, suiting, known=bool(offer.fields))
    memory.board = replace(
        memory.board, value=value, by=by, agg=agg, where=where, window=window, refresh=refresh, views=shown
    )
    keep_link(memory)
    with st.sidebar:
        show_save(memory)
    return replace(memory.board, window=window or offer.window, views=tuple(suiting) if shown is None else shown)


def _choose_settings(memory: Memory, kind: type[Source]) -> Source | Unfinished:
    known = named_connections(kind.kind)
    complete = partial(resolve, kind, known=known, adhoc=may_type_addresses())
    good = memory.settings.get(kind.kind, {})
    form = Form(kind, good, tuple(known), adhoc=may_type_addresses())
    given, complaints = form.read()
    source, refused = make_source(kind, given, good, complete)
    complaints += refused
    # What nobody can know but the viewer, such as where and what to watch, and nobody has chosen yet, is asked for on the page, not complained of here.
    asked = {kind.subject, "connection"} if may_type_addresses() else {kind.subject}
    if isinstance(source, Unfinished) and (source.problem.setting not in asked or given.get(source.problem.setting)):
        complaints += [source.problem] if source.problem not in complaints else []
    offered: dict[str, Sequence[str]] = {}
    if issubclass(kind, Listing):
        offered[kind.subject], more = list_subjects(kind, known_settings(source), complete)
        complaints += more
    if kind is Replay:
        offered["recording"] = offered_recordings()

    def say(setting: str) -> None:
        memory.say(setting, complaints)
        if kind is Replay and setting == "recording":
            show_upload(memory)

    form.draw(offered, say, memory.touched)
    memory.settings[kind.kind] = known_settings(source)
    return source


def _section(icon: str, title: str) -> Any:
    """A container under a small heading."""
    section = st.container(gap="xsmall")
    section.markdown(f":material/{icon}: **{title}**")
    return section
