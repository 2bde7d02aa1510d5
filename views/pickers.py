"""The sidebar's single controls: each draws one widget with its message below, and returns the last good setting."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from sources.packages import missing
from sources.protocol import Source
from state.board import MOST_FILTERS
from state.choice import AGGREGATES
from state.filters import as_number, parse_filter
from state.link import read_where
from state.schema import Offer
from state.settings import Complaint, kind_of, quoted
from views.session import Memory

NOT_INSTALLED = " (not installed)"


def choose_kind(memory: Memory, sources: Mapping[str, type[Source]]) -> str:
    """The kind of source; those whose packages are not installed are grey."""
    absent = {name for name, kind in sources.items() if missing(kind)}
    for place in (place for place, name in enumerate(sources) if name in absent):
        st.html(f'<style>[role=listbox][aria-label=Source] [data-key="{place}"] {{ opacity: .5; }}</style>')
    kind = st.selectbox(
        "Source",
        list(sources),
        format_func=lambda name: sources[name].title + (NOT_INSTALLED if name in absent else ""),
        key=_seed("source", kind_of(memory.board.source).kind),
        label_visibility="collapsed",
        on_change=memory.touched,
    )
    memory.say("source")
    return kind


def choose_field(  # noqa: PLR0913, PLR0917 - what the two selects of fields differ in
    memory: Memory,
    name: str,
    label: str,
    fields: Sequence[str],
    special: Mapping[str, str],
    known: Sequence[str],
) -> str:
    """A select of the feed's fields that keeps what was asked for, whether the feed has it (yet) or not.

    fields  what suits
    known   what may be asked for besides without a complaint
    """
    key = _seed(name, getattr(memory.board, name))
    asked = st.session_state[key]
    options = list(dict.fromkeys([*special, *fields, asked]))
    chosen: str = st.selectbox(
        label, options, format_func=lambda text: special.get(text, text), key=key, on_change=memory.touched
    )
    if fields and asked not in fields and asked not in special and asked not in known:
        memory.say(name, [Complaint(name, f"the feed offers no such field here so far: {quoted(asked)}")])
    return chosen


def choose_aggregate(memory: Memory) -> str:
    """What is shown of each bucket."""
    agg: str = st.selectbox(
        "Aggregate",
        ["", *AGGREGATES],
        format_func=lambda text: text or "Automatic",
        key=_seed("agg", memory.board.agg),
        on_change=memory.touched,
    )
    memory.say("agg")
    return agg


def choose_filters(memory: Memory, offer: Offer) -> tuple[str, ...]:
    """Filters as chips; one that is none has its message below and is left out, one that looks wrong has one too."""
    key = _seed("where", list(memory.board.where))
    texts = st.multiselect(
        "Filters",
        st.session_state[key],
        key=key,
        accept_new_options=True,
        max_selections=MOST_FILTERS,
        placeholder="field:op:value",
        help="Such as `region:eq:north`. Comparisons: eq, ne, lt, le, gt, ge, contains, in (`site:in:a,b`).",
        on_change=memory.touched,
    )
    where, complaints = read_where(texts)
    memory.say("where", [*complaints, *_doubts(where, offer)])
    return where


def _doubts(where: Sequence[str], offer: Offer) -> list[Complaint]:
    """Filters that can be read, but hardly mean what was typed: no event would pass them."""
    doubts = []
    for each in map(parse_filter, where):
        if offer.fields and each.field not in offer.fields:
            doubts.append(Complaint("where", f"the feed has no field {quoted(each.field)} so far"))
        elif each.op in ("lt", "le", "gt", "ge") and offer.measure(each.field) and as_number(each.value) is None:
            doubts.append(Complaint("where", f"{quoted(each.value)} is no number to compare {quoted(each.field)} with"))
    return doubts


def choose_duration(
    memory: Memory,
    name: str,
    presets: Sequence[str],
    parse: Callable[[str], str],
    names: Mapping[str, str],
) -> str:
    """A select of presets in which another length of time can be typed."""
    good: str = getattr(memory.board, name)
    key = _seed(name, good)
    text = st.selectbox(
        name.capitalize(),
        list(dict.fromkeys([*presets, st.session_state[key]])),
        format_func=lambda text: names.get(text, text),
        key=key,
        accept_new_options=True,
        on_change=memory.touched,
    )
    try:
        chosen = parse(text) if text else ""
    except ValueError as problem:
        memory.say(name, [Complaint(name, f"{problem}; {names.get(good, good)} is kept")])
        return good
    memory.say(name)
    return chosen


def choose_views(
    memory: Memory, views: Mapping[str, str], suiting: Sequence[str], *, known: bool
) -> tuple[str, ...] | None:
    """The panels shown; None where they are those that suit the feed, whichever these will be.

    known  whether anything is known of the feed, so that these are more than what suits any
    """
    key = _seed("views", [])

    def change() -> None:
        chosen = tuple(name for name in views if name in st.session_state[key])
        # What was shown already is no choice: runs overlap, and one that has been replaced may write what the pills hold.
        left = known or memory.board.views is None
        memory.board = replace(memory.board, views=None if left and set(chosen) == set(suiting) else chosen)
        memory.touched()

    # The board says what is chosen, not the widget: what suits the feed changes with it.
    st.session_state[key] = list(suiting if memory.board.views is None else memory.board.views)
    st.pills(
        "Views",
        views,
        selection_mode="multi",
        format_func=views.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=change,
    )
    memory.say("views")
    return memory.board.views


def _seed(name: str, value: Any) -> str:
    """The key of a setting's widget, which shows `value` when it is first drawn."""
    key = f"board-{name}"
    st.session_state.setdefault(key, value)
    return key
