"""The whole board as one HTML file that opens anywhere, offline, with the tooltips of its charts.

Nothing in it can fetch or run anything: the policy in its head allows its own two scripts, by their hashes, and no network.
Vega evaluates expressions with its interpreter, as on the page, so no code is made from text.
"""

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from state.board import Board
from state.choice import MICROSECONDS
from state.frame import Frame
from state.settings import Unfinished, kind_of, subject
from views import PANELS
from views.exports.chart import vega_lite
from views.exports.drawing import vega_bundle
from views.exports.theme import ACCENT, BACKGROUND, BORDER, CARD, TEXT, Look, theme
from views.grid import rows
from views.measured import quantity
from views.panel import Chart, Html, Missing, Panel, Payload, Table
from views.style import STYLE

_ICONS = {"warning": "⚠", "error": "✕", "check_circle": "✓", "cloud_off": "⚠"}
"""For Material's symbols, whose font is not in the file; the others go, since words stand beside them."""
_ICON = re.compile(r'<span class="pb-icon" translate="no">(\w*)</span>')
_ROOM = {"axisY": {"titleLimit": 230}}
"""For the titles of axes: a longer one would squeeze the plot."""
_LOOKS: tuple[Look, ...] = ("light", "dark")


def board_html(  # noqa: PLR0913 - what its head says of it
    frame: Frame,
    payloads: Mapping[str, Payload],
    board: Board,
    *,
    zone: dt.tzinfo,
    made_at: dt.datetime,
    link: str = "",
) -> bytes:
    """The file, UTF-8. Times of tables and of the head are in `zone`, those of charts in the zone of whoever opens it.

    payloads  of each panel, by its name, in their order on the page
    link      the address of the board; "" where there is none
    """
    charts = {
        name: vega_lite(PANELS[name], payload, look=None, width="container", titled=False)
        for name, payload in payloads.items()
        if isinstance(payload, Chart)
    }
    given = {"charts": charts, "looks": {look: theme(look) | _ROOM for look in _LOOKS}}
    bundle = _in_script(vega_bundle()) if charts else ""
    script = Path(__file__).with_name("board.js").read_text("utf-8")
    body = "".join(
        f'<div class="row row-{len(row)}">{"".join(_card(panel, payloads[panel.name], zone) for panel in row)}</div>'
        for row in rows([PANELS[name] for name in payloads])
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(bundle, script)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(_title(board, frame))}</title>{STYLE}<style>{_variables()}{_own_style()}</style></head>"
        f"<body><header>{_head(frame, board, zone, made_at, link)}</header><main>{body}</main>"
        f'<script type="application/json" id="given">{_json(given)}</script>'
        f"<script>{bundle}</script><script>{script}</script></body></html>"
    ).encode()


def _head(frame: Frame, board: Board, zone: dt.tzinfo, made_at: dt.datetime, link: str) -> str:
    """What the board shows, of what, when, and who may look closer where."""
    facts = [
        ("source", _source(board)),
        ("shows", quantity(frame.choice)),
        ("from", _instant(frame.start_us, zone)),
        ("to", _instant(frame.now_us, zone)),
        *(("filter", each) for each in frame.choice.where),
        ("made", f"{made_at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone}"),
    ]
    said = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in facts)
    # Anything but the web's own addresses is text: a link must not run what it says.
    safe = link.startswith(("https://", "http://"))
    opens = (
        f'<a href="{escape(link, quote=True)}" rel="noopener noreferrer">{escape(link)}</a>' if safe else escape(link)
    )
    linked = f"<div><dt>link</dt><dd>{opens}</dd></div>" if link else ""
    notes = "".join(f"<li><b>{_instant(note.at_us, zone)}</b> {escape(note.text)}</li>" for note in frame.notes)
    listed = f'<h2>Notes</h2><ul class="notes">{notes}</ul>' if notes else ""
    return f"<h1>Pulseboard</h1><dl>{said}{linked}</dl>{listed}"


def _source(board: Board) -> str:
    """What was watched, without anything secret."""
    named = "" if isinstance(board.source, Unfinished) else subject(board.source)
    return " · ".join(filter(None, (kind_of(board.source).title, named)))


def _title(board: Board, frame: Frame) -> str:
    return f"{_source(board)} · {quantity(frame.choice)} · Pulseboard"


def _card(panel: Panel, payload: Payload, zone: dt.tzinfo) -> str:
    match payload:
        case Chart(height=height):
            inside = f'<div class="chart" id="chart-{panel.name}" style="min-height:{height}px"></div>'
        case Html(text):
            inside = _ICON.sub(_symbol, text)
        case Table():
            inside = f'<div class="wide">{payload.html(zone)}</div>'
        case Missing(text, _, height):
            inside = f'<div class="pb-missing" style="min-height:{height}px"><span>{escape(text)}</span></div>'
    return f'<section class="card st-key-panel-{panel.name}"><h2>{panel.title}</h2><div class="stHtml">{inside}</div></section>'


def _symbol(icon: re.Match[str]) -> str:
    symbol = _ICONS.get(icon[1], "")
    return f'<span class="symbol">{symbol}</span>' if symbol else ""


def _instant(time_us: int, zone: dt.tzinfo) -> str:
    moment = dt.datetime.fromtimestamp(time_us // MICROSECONDS, zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{time_us % MICROSECONDS // 1000:03} {zone}"


def _json(value: Any) -> str:
    r"""JSON that ends no script element, whatever its texts say.

    >>> _json("</script><!--")
    '"\\u003c/script>\\u003c!--"'
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)  # ASCII alone: no separators of lines either
    return text.replace("<", "\\u003c")


def _in_script(code: str) -> str:
    """The code so that no text in it ends its element; in strings and expressions both ways mean the same."""
    return re.sub(r"<(?=/script|!--)", r"\\x3c", code, flags=re.IGNORECASE)


def _policy(*scripts: str) -> str:
    digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts if each)
    allowed = " ".join(f"'sha256-{each}'" for each in digests)
    # The panels' bars and colours stand in style attributes. They may not fetch anything, either.
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _variables() -> str:
    colors = {"background": BACKGROUND, "card": CARD, "text": TEXT, "border": BORDER, "accent": ACCENT}
    told = "".join(f"--{name}:light-dark({of['light']},{of['dark']});" for name, of in colors.items())
    return f":root{{color-scheme:light dark;{told}}}"


def _own_style() -> str:
    return Path(__file__).with_name("board.css").read_text("utf-8")
