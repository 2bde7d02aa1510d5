"""The statistics of a span as a table: all together, then series by series, each figure with its change against the span before."""

import math
from html import escape

from state.choice import Choice
from state.statistics import Line, Statistics
from views.measured import measured, symbol_of
from views.numbers import DASH, MINUS, duration, number, rate, signed
from views.palette import slot_color
from views.panel import Html

_VALUES = ("mean", "min", "p50", "p95", "p99", "max")
_HIDDEN = 0.0005
"""A change below this share is none."""
_ROUND = 0.0995
"""From here on it is said without decimals."""
_MOST = 9.995
"""A change above this share says nothing as percents."""

_STYLE = """<style>
.pb-stats { width: 100%; border-collapse: collapse; font-size: .875rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
.pb-stats th, .pb-stats td { border: 0; border-bottom: 1px solid rgb(128 128 128 / .18); padding: .3rem 0 .3rem .75rem; text-align: right; font-weight: 400; white-space: nowrap; vertical-align: top; }
.pb-stats :is(th, td):first-child { text-align: left; padding-left: 0; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; }
.pb-stats thead th { font-size: .78rem; opacity: .68; } .pb-stats .pb-every :is(th, td) { font-weight: 600; }
.pb-stats i { display: inline-block; width: .6em; height: .6em; border-radius: 50%; margin-right: .45em; }
.pb-stats small { display: block; font-size: .72rem; font-weight: 400; opacity: .68; }
.pb-stats + .pb-note { font-size: .78rem; margin-top: .4rem; }
@media (max-width: 640px) {
  .pb-stats, .pb-stats tbody { display: block; } .pb-stats thead { display: none; }
  .pb-stats tr { display: grid; grid-template-columns: repeat(4, 1fr); gap: .3rem .5rem; padding: .5rem 0; border-bottom: 1px solid rgb(128 128 128 / .18); }
  .pb-stats :is(th, td), .pb-stats :is(th, td):first-child { border: 0; padding: 0; text-align: left; overflow: hidden; text-overflow: ellipsis; max-width: none; }
  .pb-stats tbody th { grid-column: 1 / -1; }
  .pb-stats td::before { content: attr(data-figure); display: block; font-size: .72rem; font-weight: 400; opacity: .68; }
}
</style>"""


def payload(statistics: Statistics, choice: Choice, slots: tuple[str | None, ...] = ()) -> Html:
    """The statistics as a table.

    slots  the series of the board's charts, for their colours
    """
    heads = "".join(f"<th>{_head(name, choice)}" for name in figures(choice))
    rows = _row("all series" if choice.by else "all events", statistics.every, choice, tone=' class="pb-every"')
    for line in statistics.series:
        dot = f'<i style="background:{slot_color(line.name, slots)}"></i>'
        rows += _row(line.name, line, choice, dot=dot)
    if statistics.rest is not None:
        rows += _row(f"{number(statistics.left)} more", statistics.rest, choice, dot="<i></i>")
    return Html(
        f'{_STYLE}<table class="pb-stats"><thead><tr><th>{escape(choice.by)}{heads}<tbody>{rows}</table>'
        f'<div class="pb-note">{escape(_note(statistics, choice))}</div>'
    )


def figures(choice: Choice) -> tuple[str, ...]:
    """What there is to say of the measure: events alone where it has no value, and a sum of what adds up."""
    if not choice.value:
        return ("count", "rate")
    return ("count", "rate", *_VALUES, *(("sum",) if choice.read.kind == "amount" else ()))


def _head(figure: str, choice: Choice) -> str:
    if figure == "count":
        return "increases" if choice.counts_up else "events"
    return escape(figure)


def _note(statistics: Statistics, choice: Choice) -> str:
    parts = []
    if choice.value:
        measure = choice.read
        name = measured(choice) if choice.counts_up else choice.value
        own = symbol_of(measure, "rate" if choice.counts_up else "mean")
        parts.append(f"{name} ({own})" if own else name)
        if measure.parts is not None:
            parts.append("percentiles of the rows' means")
    span = duration(statistics.seconds)
    if statistics.every.before is None:
        parts.append(f"no comparison: the {span} before are not wholly held")
    else:
        parts.append(f"small: change against the {span} before")
    return " · ".join(parts)


def _row(name: str, line: Line, choice: Choice, *, dot: str = "", tone: str = "") -> str:
    label = escape(name, quote=True)
    cells = "".join(
        f'<td data-figure="{_head(each, choice)}">{_figure(each, getattr(line.now, each))}<small>{change(line, each)}</small>'
        for each in figures(choice)
    )
    return f'<tr{tone}><th title="{label}">{dot}{label}{cells}'


def _figure(figure: str, value: float) -> str:
    if figure == "rate":
        return DASH if math.isnan(value) else rate(value)
    return number(value)


def change(line: Line, figure: str) -> str:
    """How far a figure is from that of the span before, in percent; no judgement whether up is good.

    >>> from state.statistics import Summary
    >>> change(Line("", Summary(5, 0.5), Summary(4, 0.4)), "count"), change(Line("", Summary(5, 0.5), None), "count")
    ('↗ +25 %', '&nbsp;')
    """
    difference = line.change(figure)
    if difference is None or line.before is None:
        return "&nbsp;"
    if difference == 0:
        return "→ ±0"
    before = getattr(line.before, figure)
    share = difference / abs(before) if before else math.inf
    arrow = "↗" if difference > 0 else "↘"
    if abs(share) < _HIDDEN:
        return "→ ±0"
    if before == 0:
        return f"{arrow} from 0"
    if abs(share) > _MOST:
        return f"{arrow} {signed(difference)}"
    places = 0 if abs(share) > _ROUND else 1
    return f"{arrow} {share:+.{places}%}".replace("-", MINUS).replace("%", " %")
