"""Feed health: whether the numbers above can be trusted. Zeros are quiet; trouble has a colour, an icon and words."""

from html import escape

from state.choice import MICROSECONDS
from state.frame import Frame, Health
from views.drifts import told
from views.numbers import DASH, duration, number, rate
from views.panel import Html, Panel, Payload
from views.skews import by_words, sentences

_STATES = {
    "connecting": ("sensors", ""),
    "catching up": ("history", ""),
    "live": ("check_circle", "pb-good"),
    "waiting": ("cloud_off", "pb-warn"),
    "ended": ("stop_circle", ""),
    "failed": ("error", "pb-bad"),
}
_WORST = 3
_SAMPLES = 3
_DRIFTS = 4
_OLD_S = 30.0
_POLLS = 3
_OLD_TIME_S = 5.0


def prepare(frame: Frame) -> Payload:
    """One tile a figure. Never missing: it is the panel that says why the others are."""
    health = frame.health
    age = DASH if health.age_s is None else f"{duration(health.age_s)} ago"
    lag = number(sum(health.lag.values())) if health.lag else "unknown"
    tiles = [
        _tile("arriving", "events a second, over the last few seconds", rate(health.rate)),
        _tile("newest event", "by the event's own time", age, _age_trouble(health)),
        _tile(
            "waiting at the source", "events not read yet, and the partitions that hold most", lag, note=_worst(health)
        ),
        _tile("malformed", "messages that could not be decoded", number(health.malformed), "warn"),
        _tile("without time", "placed at the time of their record or arrival", number(health.untimed), "warn"),
        _tile("without value", "no finite number in the chosen value", number(health.valueless)),
        _tile("late", "too old for the window when they came: in no figure and no chart", number(health.late), "warn"),
        _tile("early", "too far ahead of the clock: in no figure and no chart", number(health.early), "warn"),
        _tile(
            "lost on the way",
            "the source told so, or could not keep them until they were read",
            number(health.lost),
            "bad",
        ),
        _tile("interrupted", "in so long events may have been lost: nobody was connected", _unsure(health), "warn"),
        _tile("missed", "left the feed's memory before this board read them", number(health.dropped), "bad"),
        _tile("read so far", "events since the feed was opened", number(frame.seen)),
        _let_go(health),
        _fill(health),
        _tile("frame", "what computing this board took", f"{health.frame_ms:.1f} ms"),
    ]
    return Html(
        f'{_state(health)}<div class="pb-tiles">{"".join(tiles)}</div>{_drifts(health, frame.newest_us)}{_samples(health)}'
    )


def _state(health: Health) -> str:
    icon, tone = _STATES.get(health.state, ("help", "pb-warn"))
    progress = f" {health.progress:.0%}" if health.state == "catching up" else ""
    old = f"Event time runs {by_words(health.behind_s)} behind the clock. " if health.behind_s >= _OLD_TIME_S else ""
    skew = f'<span class="pb-warn">{_icon("schedule")}{escape(sentences(health.skews))}</span>' if health.skews else ""
    return (
        f'<div class="pb-state"><span class="pb-chip {tone}">{_icon(icon)}{escape(health.state)}{progress}</span>'
        f"{skew}<span>{escape(old + health.message)}</span></div>"
    )


def _age_trouble(health: Health) -> str:
    """A live feed whose newest event is older than it should be, its usual delay taken off."""
    quiet_s = (health.age_s or 0.0) - max(0.0, health.behind_s)
    polled_s = health.delivery.every_s if health.delivery else 0.0
    return "warn" if health.state == "live" and quiet_s > max(_OLD_S, _POLLS * polled_s) else ""


def _unsure(health: Health) -> str:
    return duration(health.unsure_s) if health.unsure_s else "0"


def _worst(health: Health) -> str:
    """The partitions that wait for most, where there is more than one."""
    worst = sorted(health.lag.items(), key=lambda each: -each[1])[:_WORST]
    return ", ".join(f"{name}: {number(lag)}" for name, lag in worst if lag) if len(health.lag) > 1 else ""


def _tile(label: str, hint: str, value: str, tone: str = "", note: str = "") -> str:
    """One figure. With a tone it is trouble, unless it is zero."""
    trouble = tone if value != "0" else ""
    icon = _icon("warning" if trouble == "warn" else "error") if trouble else ""
    extra = f'<div class="pb-note" title="{escape(note, quote=True)}">{escape(note)}</div>' if note else ""
    return (
        f'<div class="pb-tile{f" pb-{trouble}" if trouble else ""}" title="{hint}">'
        f'<div class="pb-label">{label}</div><b>{icon}{value}</b>{extra}</div>'
    )


def _let_go(health: Health) -> str:
    """What was shown stays in the charts; what is computed anew, and a pause, begin with what is left."""
    kept = f"the newest {duration(health.kept_s)} kept" if health.kept_s else ""
    return _tile(
        "let go",
        "the oldest events, which the feed no longer holds: its memory is bounded",
        number(health.let_go),
        note=kept,
    )


def _fill(health: Health) -> str:
    share = min(1.0, health.held / max(1, health.capacity))
    thinned = "older events were let go, so that all feeds of this app fit in its memory: PULSEBOARD_HISTORY_MB"
    gone = f"{number(health.thinned)} let go early"
    note = f'<div class="pb-note" title="{thinned}">{gone}</div>' if health.thinned else ""
    return (
        f'<div class="pb-tile" title="events held, of {number(health.capacity)} at most">'
        f'<div class="pb-label">held</div><b>{number(health.held)}</b>'
        f'<div class="pb-fill"><i style="width:{share:.0%}"></i></div>{note}</div>'
    )


def _samples(health: Health) -> str:
    """The newest malformed messages: why, where, and how they began."""
    lines = "".join(
        f"<li><b>{escape(each.reason)}</b> <span>{escape(each.where)}</span>"
        f"<code>{escape(each.sample.decode('utf-8', 'backslashreplace'))}</code></li>"
        for each in health.samples[-_SAMPLES:]
    )
    return f'<ul class="pb-samples">{lines}</ul>' if lines else ""


def _drifts(health: Health, newest_us: int | None) -> str:
    """What changed last among the fields, or in how messages are read, and how long ago."""
    if newest_us is None or health.age_s is None:
        return ""
    lines = "".join(
        f"<li><b>{escape(told(each))}</b> "
        f"<span>{duration(max(0.0, health.age_s + (newest_us - each.at_us) / MICROSECONDS))} ago</span></li>"
        for each in health.drifts[: -_DRIFTS - 1 : -1]
    )
    return f'<ul class="pb-samples pb-drifts">{lines}</ul>' if lines else ""


def _icon(name: str) -> str:
    return f'<span class="pb-icon" translate="no">{name}</span>'


PANEL = Panel("health", "Feed health", "monitor_heart", "full", prepare, rest_s=0.5)
