"""A panel's HTML with parts that can be clicked, or reached with Tab and pressed with Enter or Space.

A component and not `st.html`, which reports nothing. It stands in the page like any element, so that the page's own rules
draw it, and it lets through only what these panels are made of, as `st.html` would.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from state.frame import Frame
from views.panel import Html, Stand
from views.picks import Act, Pick
from views.targets import Clickable

_ROOT = '<div class="stHtml pb-clicks"></div>'

_STYLE = """
.pb-clicks [data-pick] { cursor: pointer; border-radius: .3rem; outline-offset: 2px; }
.pb-clicks [data-pick]:hover { background: rgb(128 128 128 / .12); box-shadow: 0 0 0 4px rgb(128 128 128 / .12); }
.pb-clicks [data-pick]:focus-visible { outline: 2px solid var(--st-primary-color); }
.pb-clicks .pb-row { display: grid; grid-column: 1 / -1; grid-template: subgrid / subgrid; align-items: center; align-self: stretch; }
"""

_SCRIPT = """
const TAGS = new Set(["DIV", "SPAN", "I", "B", "SMALL"]);
const ATTRIBUTES = new Set(["class", "style", "title", "role", "tabindex", "aria-label", "data-pick"]);

function parts(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const part of body.querySelectorAll("*")) {
    if (!TAGS.has(part.tagName)) part.remove();
    else for (const { name } of [...part.attributes]) if (!ATTRIBUTES.has(name)) part.removeAttribute(name);
  }
  return body.childNodes;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".pb-clicks");
  if (root.of !== data.of) { root.replaceChildren(...parts(data.html)); root.of = data.of; }
  const pick = (event) => {
    const part = event.target.closest("[data-pick]");
    if (part) { event.preventDefault(); setTriggerValue("pick", [data.of, Number(part.dataset.pick)]); }
  };
  root.onclick = pick;
  root.onkeydown = (event) => { if ((event.key === "Enter" || event.key === " ") && !event.repeat) pick(event); };
}
"""


def show_clickable(place: Any, key: str, html: str, targets: Sequence[Pick], act: Act) -> None:
    """Show a panel's HTML in a place of its own; a click on a part with `data-pick` acts on the target of that number.

    html  whatever in it came with the feed has been through `html.escape`
    """
    of = hashlib.blake2b(repr((html, targets)).encode(errors="replace"), digest_size=8).hexdigest()

    def clicked() -> None:
        pick = picked(st.session_state.get(key), of, targets)
        if pick is not None:
            act(pick)

    component = st.components.v2.component(
        "pulseboard_clicks", html=_ROOT, css=_STYLE, js=_SCRIPT, isolate_styles=False
    )
    with place:
        component(key=key, data={"html": html, "of": of}, on_pick_change=clicked)


def still(name: str, clickable: Callable[[Frame], Clickable], place: Any, stand: Stand) -> None:
    """What a panel's parts that can be clicked look like on a board that stands still. See `Panel.still`."""
    shown = clickable(stand.frame)
    if isinstance(shown.payload, Html):
        show_clickable(place, f"clicks-{name}", shown.payload.text, shown.targets, stand.act)


def picked(state: Any, of: str, targets: Sequence[Pick]) -> Pick | None:
    """The target that a browser's answer names; None where it names none of them, or is of something shown before.

    >>> picked({"pick": ["1f", 1]}, "1f", (Pick(), Pick(at_us=5)))
    Pick(range_us=None, where=(), at_us=5)
    >>> picked({"pick": ["0e", 1]}, "1f", (Pick(), Pick())), picked({"pick": ["1f", -1]}, "1f", (Pick(),))
    (None, None)
    """
    match state["pick"] if isinstance(state, dict) and "pick" in state else None:
        case [str(shown), int(number)] if shown == of and type(number) is int and 0 <= number < len(targets):
            return targets[number]
    return None
