"""The filters of a board that stands still, as chips that can be removed."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from state.filters import parse_filter
from views.markdown import literal

_SIGNS = {"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥", "contains": "contains", "in": "in"}
_CHARS = 48
"""A longer filter is cut; it stands whole in the chip's tip."""


def show_chips(place: Any, where: Sequence[str], remove: Callable[[str], None]) -> None:
    """One chip a filter, side by side as far as there is room; a click on one calls `remove` with the filter's text."""
    if not where:
        return
    with place.container(horizontal=True, gap="xsmall", key="chips"):
        for text in dict.fromkeys(where):
            st.button(
                literal(told(text)),
                key=f"chip-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}",
                icon=":material/close:",
                icon_position="right",
                help=literal(f"Remove the filter {text}"),
                on_click=remove,
                args=(text,),
            )


def told(text: str) -> str:
    """A filter as a person writes it, cut if it is long.

    >>> told("host:eq:web-1"), told("load:ge:0.9"), told("no filter")
    ('host = web-1', 'load ≥ 0.9', 'no filter')
    """
    try:
        each = parse_filter(text)
    except ValueError:  # its complaint stands elsewhere on the page; here it can be removed
        line = text
    else:
        line = f"{each.field} {_SIGNS[each.op]} {each.value or '(empty)'}"
    return line if len(line) <= _CHARS else f"{line[: _CHARS - 1]}…"
