"""Whether anybody can see the page: a hidden tab's board is drawn seldom, and at once when it is shown again."""

from typing import Any

import streamlit as st

HIDDEN_REFRESH_S = 60.0
"""How often a board is drawn that nobody sees, if the feed's memory lasts longer than that several times."""
MEMORY_SHARE = 0.25

_KEY = "attention"

# The server says what it believes, and the page corrects it: so the two agree again after whatever happened between them.
# Who looks away for a moment is not told of, because each change redraws the page's frame.
_WATCH = """
const PATIENCE_MS = 3000;
let believed = false, tell = () => {}, timer = 0;
const look = () => {
  clearTimeout(timer);
  if (document.hidden === believed) return;
  const correct = () => { believed = document.hidden; tell(); };
  if (document.hidden) timer = setTimeout(correct, PATIENCE_MS); else correct();
};
export default function ({ data, setStateValue }) {
  believed = data.hidden;
  tell = () => setStateValue("hidden", believed);
  look();
  document.addEventListener("visibilitychange", look);
  return () => { clearTimeout(timer); document.removeEventListener("visibilitychange", look); };
}
"""


def refresh_while(*, hidden: bool, refresh_s: float, memory_s: float) -> float:
    """How often a board is to be drawn, in seconds. One that came too seldom would miss what its feed forgets meanwhile.

    >>> refresh_while(hidden=False, refresh_s=1, memory_s=8), refresh_while(hidden=True, refresh_s=1, memory_s=900)
    (1, 60.0)
    >>> refresh_while(hidden=True, refresh_s=1, memory_s=8), refresh_while(hidden=True, refresh_s=60, memory_s=8)
    (2.0, 60)
    """
    return max(refresh_s, min(HIDDEN_REFRESH_S, MEMORY_SHARE * memory_s)) if hidden else refresh_s


def attended(line: Any, refresh_s: float, memory_s: float) -> float:
    """How often the board of this page is to be drawn, in seconds; the page runs anew when its tab is hidden or shown.

    line      where the component may stand that tells
    memory_s  how long the feed remembers
    """
    with line:
        return refresh_while(hidden=_is_hidden(), refresh_s=refresh_s, memory_s=memory_s)


def _is_hidden() -> bool:
    state: Any = st.session_state.get(_KEY) or {}
    hidden = state.get("hidden") is True
    component = st.components.v2.component("pulseboard_attention", js=_WATCH)
    component(
        key=_KEY,
        data={"hidden": hidden},
        default={"hidden": False},
        on_hidden_change=lambda: None,
        width=1,
        height=1,
    )
    return hidden
