"""What stands where something crashed: that it did, what happens next, and its details for whoever can mend it.

The button is part of the HTML and brings its own script: a widget could not stand in the loop, and a board on which all goes
well has nothing of it.
"""

import platform
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.metadata import version

from sources.protocol import Source
from state.choice import Choice
from state.settings import known_settings
from state.version import VERSION
from views.panel import Missing

_LIBRARIES = ("streamlit", "altair", "numpy", "pandas", "pyarrow")

# A page that is no secure context (a board in the local network, over HTTP) has no clipboard but the old command's.
_SCRIPT = """
{
  const root = document.currentScript.parentElement;
  const button = root.querySelector("button"), details = root.querySelector("pre");
  const select = () => { const range = document.createRange(); range.selectNodeContents(details);
    const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range); };
  const copyOld = () => { details.parentElement.open = true; select(); return document.execCommand("copy"); };
  button.onclick = async () => {
    let copied = false;
    try { await navigator.clipboard.writeText(details.textContent); copied = true; } catch { copied = copyOld(); }
    button.textContent = copied ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy details"; }, 2000);
  };
}
"""


@dataclass(frozen=True, slots=True)
class Broken(Missing):
    """A panel that crashed.

    details  what happened, for whoever can mend it: no event's value, no secret
    """

    details: str = ""


def broken_html(text: str, details: str, height: int = 0) -> str:
    """The notice, of at least so many pixels; with a script."""
    return (
        f'<div class="pb-broken" style="min-height:{height}px">'
        f'<span class="pb-chip pb-bad"><span class="pb-icon" translate="no">error</span>{escape(text)}</span>'
        f'<button type="button">Copy details</button>'
        f"<details><summary>Details</summary><pre>{escape(details)}</pre></details>"
        f"<script>{_SCRIPT}</script></div>"
    )


def about(source: Source, choice: Choice | None = None) -> str:
    """The settings of a board, without its secrets and without the values that its filters name."""
    settings = ", ".join(f"{name}={value}" for name, value in known_settings(source).items()) or "as usual"
    lines = [f"Pulseboard {VERSION} · {_versions()}", f"source: {source.kind} ({settings})"]
    return "\n".join([*lines, _shown(choice)] if choice else lines)


def _shown(choice: Choice) -> str:
    shown = f"{choice.agg} of {choice.value or 'events'} by {choice.by or 'nothing'}"
    return f"shown: {shown}, window {choice.window_s:g} s, {choice.points} points, {len(choice.where)} filters"


@cache
def _versions() -> str:
    return ", ".join((f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _LIBRARIES)))
