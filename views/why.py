"""The line that says why, in a panel's head; behind it, one click away, what the panel could show instead."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from sources.protocol import form_fields
from state.board import NONE
from state.choice import AGGREGATES
from views.form import widget_key
from views.markdown import literal
from views.reasons import Facts, reason

MOST_OFFERED = 12
_READING = {"format": "Read as", "time": "Event time from", "zone": "Zone of times that name none"}


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One setting that may be changed from here.

    widget     the key of the sidebar's own widget for it
    automatic  what that holds where the feed decides
    current    what holds now
    """

    label: str
    widget: str
    automatic: str
    current: str
    options: tuple[str, ...]


def show_why(panel: str, facts: Facts, touched: Callable[[], None]) -> None:
    """Draw the line. What is picked behind it is set in the sidebar, and so in the link; `touched` is called then."""
    text = reason(panel, facts)
    with st.popover(literal(text), type="tertiary", key=f"why-{panel}"):
        st.text(text)
        for each in alternatives(panel, facts):
            if len(each.options) > 1:
                _draw(each, f"pick-{panel}-{each.widget}", touched)


def alternatives(panel: str, facts: Facts) -> list[Alternatives]:
    """What may be changed of a panel."""
    choice, offer = facts.choice, facts.offer
    measures = _few([choice.value, *(each.name for each in offer.measures)])
    dimensions = _few([choice.by, *offer.dimensions])
    value = Alternatives("Value", "board-value", "", choice.value, measures)
    by = Alternatives("Group by", "board-by", "", choice.by or NONE, (*dimensions, NONE))
    agg = Alternatives("Aggregate", "board-agg", "", choice.agg, AGGREGATES if choice.value else ())
    reading = _reading(facts)
    return {
        "measures": [value],
        "raw": [value, by],
        "distribution": [value],
        "heatmap": [value],
        "breakdown": [by, value, agg],
        "events": reading,
        "health": reading,
    }.get(panel, [value, agg, by])


def _reading(facts: Facts) -> list[Alternatives]:
    """The source's settings that say how its messages are read, where it has such settings."""
    times = [field for field, role, _ in facts.offer.roles if role == "time"]
    offered = {"time": ["", *times], "zone": ["", "UTC", st.context.timezone or ""]}
    found = []
    for field in form_fields(facts.source):
        if field.name in _READING:
            held = str(getattr(facts.source, field.name))
            options = [*offered.get(field.name, field.metadata["choices"]), held]
            key = widget_key(facts.source.kind, field.name)
            found.append(
                Alternatives(_READING[field.name], key, str(field.default), held, tuple(dict.fromkeys(options)))
            )
    return found


def _few(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:MOST_OFFERED]


def _draw(each: Alternatives, key: str, touched: Callable[[], None]) -> None:
    def picked() -> None:
        if st.session_state[key] == each.current:
            return  # nothing was picked: a browser may say again what it was told
        # A second press on what is chosen takes it back: the feed decides again.
        st.session_state[each.widget] = st.session_state[key] or each.automatic
        touched()

    st.session_state[key] = each.current if each.current in each.options else None
    st.pills(each.label, each.options, format_func=_words, key=key, on_change=picked)


def _words(option: str) -> str:
    return {"": "Automatic", "auto": "Automatic", NONE: "No split"}.get(option) or literal(option)
