"""The lines above and below the panels: the title, how the feed does, and the marker that machines read."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import streamlit as st

from sources.batch import Reading
from sources.fields.event_time import RECORD_TIME
from sources.packages import install_command
from sources.protocol import Inviting, Source
from state.choice import MICROSECONDS
from state.event_clock import EventClock
from state.feed import Feed
from state.feeds import TooManyFeeds
from state.frame import Frame, Health
from state.settings import Complaint, Unfinished, subject
from views.markdown import literal
from views.numbers import duration, number
from views.screen import chart_points
from views.skews import short_words


def show_title() -> tuple[Any, "Age"]:
    """One line: the product, and room for what is being watched; and where its age is shown."""
    line = st.container(horizontal=True, vertical_alignment="bottom")
    line.markdown("### :material/monitoring: Pulseboard", width="content")
    return line, Age(line)


def show_source(line: Any, source: Source | Unfinished) -> int:
    """What is being watched, beside the title. Gives how many points a chart may have on this screen."""
    kind = source.kind if isinstance(source, Unfinished) else source
    with line:
        st.markdown(f":gray[{kind.icon} {kind.title}]", width="content")
        name = "" if isinstance(source, Unfinished) else subject(source)
        if name:
            st.text(name, width="content")  # plain text: such a name is a stranger's
        return chart_points()


def show_reading(line: Any, reading: Reading | None, times: EventClock) -> None:
    """How the messages are read and where their time is from, beside what is being watched."""
    if reading is not None:
        line.markdown(f":gray-badge[{reading.format}]", width="content", help=literal(reading.why))
        name = {"": "arrival", RECORD_TIME: "record time"}.get(times.field.name, times.field.name)
        badge, icon = ("orange", ":material/warning: ") if times.refused else ("gray", ":material/schedule: ")
        line.markdown(
            f":{badge}-badge[{icon}{literal(name)}]", width="content", help=literal(times.why.replace("`", ""))
        )


def show_complaints(complaints: Sequence[Complaint]) -> None:
    """What of the link could not be used. The sidebar says it too, beside each control, but on a phone that is folded."""
    if complaints:
        with st.expander(f"Settings that could not be used: {len(complaints)}", icon=":material/warning:"):
            for each in complaints:
                st.text(f"{each.setting}: {each.message}")


def show_unfinished(source: Unfinished) -> None:
    """What is missing before there can be a board."""
    if lacking := install_command(source.kind):
        st.info(
            f"{source.kind.title} needs what is not installed here. Install it, then start again:",
            icon=source.kind.icon,
        )
        st.code(lacking, language="bash")
        return
    st.info(f"{source.kind.title} is not set up yet. The settings are in the sidebar.", icon=source.kind.icon)
    st.text(source.problem.message)


def show_invitation(feed: Feed) -> None:
    """How to send events to a source to which anybody may, as long as nobody has."""
    if isinstance(feed.source, Inviting) and not feed.seen and not feed.failed:
        st.info("Nothing has come yet. Send it something:", icon=feed.source.icon)
        for line in feed.source.invitation.splitlines():  # a box each, so that one is copied without the others
            st.code(line, language="bash")


def show_failure(feed: Feed) -> bool:
    """The error that ended a feed, and a way to try again; True if that was asked for."""
    st.error(f"{feed.source.title}: reading has stopped.", icon=":material/error:")
    st.text(feed.status.message)
    return st.button("Try again", icon=":material/refresh:", type="primary")


def show_full(refusal: TooManyFeeds) -> None:
    """Why there is no board: the app reads as many feeds as it may."""
    st.error("No further feed can be opened here now.", icon=":material/error:")
    st.text(str(refusal))
    st.button("Try again", icon=":material/refresh:", type="primary")  # a press is a run, which asks for the feed


class Progress:
    """How far the history has been read, or that the counterpart is away; nothing while all is well."""

    def __init__(self) -> None:
        self._place: Any = st.empty()
        self._shown: tuple[str, str, float] | None = None

    def renew(self) -> None:
        """See `Page.renew`."""
        self._shown = None

    def show(self, feed: Feed) -> None:
        """Say it, unless it is said already."""
        state = feed.status.state
        text = {
            "catching up": f"Reading history · {number(feed.seen)} events so far",
            "connecting": "Connecting …",
            "waiting": f"Trying again. {feed.status.message}",
        }.get(state, "")
        now = (state if text else "", text, 0.0 if state == "connecting" else feed.progress())
        if now == self._shown:
            return
        self._shown = now
        if state == "waiting":
            with self._place.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(":orange[:material/cloud_off:]", width="content")
                st.text(text, width="stretch")
        elif text:
            self._place.progress(now[2], text)
        else:
            self._place.empty()


class Age:
    """How old what is shown is, and how it gets here, so that nobody takes a poll of every 30 s for real time.

    It stands first in the title's line, and a style moves it: what the loop draws on must be where no full run moves it.
    """

    def __init__(self, line: Any) -> None:
        self._place: Any = line.container(key="age", width="content")
        self._shown = ""

    def renew(self) -> None:
        """See `Page.renew`."""
        self._shown = ""

    def show(self, frame: Frame, slow: str = "") -> None:
        """Say it, and why ticks are skipped, unless it is said already."""
        words = f"{age_words(frame.health)} {slow}".rstrip()
        if words != self._shown:
            self._shown = words
            self._place = self._place.markdown(words, width="content", help=AGE_HELP)


CALM_S = 0.1
"""Nobody sees less, and a figure that jumps between 2 and 14 ms is no news."""
AGE_HELP = """How old the newest event of this board is, by its own time; and how events get here.
Where frames come less often than they should, ticks are skipped and none waits: what is shown is current. A longer refresh makes it steady."""


def age_words(health: Health) -> str:
    r"""As Markdown.

    >>> from sources.batch import Delivery
    >>> age_words(Health(state="live", age_s=12.3, delivery=Delivery(every_s=30)))
    ':gray-badge[:material/update: 12 s old · polled every 30 s]'
    >>> age_words(Health(state="live", delivery=Delivery()))
    ':gray-badge[:material/update: no event yet · pushed]'
    >>> from state.skew import Skew
    >>> age_words(Health(age_s=-10_800.0, skews=(Skew(10_800.0),)))
    ':orange-badge[:material/update: clock 3 h ahead]'
    >>> age_words(Health(age_s=0.2, skews=(Skew(-10_800.0, "host", "web", part=True),)))
    ':gray-badge[:material/update: 0.2 s old] :orange-badge[:material/schedule: web\\: clock 3 h behind]'
    """
    ahead = [short_words(skew) for skew in health.skews if not skew.part]
    words = ahead or ["no event yet" if health.age_s is None else _old(health.age_s)]
    if health.delivery is not None:
        every_s = health.delivery.every_s
        words.append(f"polled every {duration(every_s)}" if every_s else "pushed")
    colour = "orange" if health.state == "waiting" or ahead else "gray"
    badge = f":{colour}-badge[:material/update: {' · '.join(words)}]"
    off = [literal(short_words(skew)) for skew in health.skews if skew.part]
    return f"{badge} :orange-badge[:material/schedule: {' · '.join(off)}]" if off else badge


def _old(age_s: float) -> str:
    calm_s = max(CALM_S, age_s)
    return f"{calm_s:.1f} s old" if calm_s < 1 else f"{duration(calm_s)} old"


class Pulse:
    """The page's marker for scripts, `st-key-pulse`: the newest event time, the events seen and the frame number."""

    def __init__(self) -> None:
        # As `views.slot.Slot`, and for its reason: an `st.empty()` would be blank for a moment at the start of each run.
        self._place: Any = st.container(key="pulse")

    def show(self, frame: Frame, frames: int) -> None:
        """Write it, in the place of what it said before."""
        newest = "none" if frame.newest_us is None else instant(frame.newest_us)
        self._place = self._place.caption(f"newest event {newest} · events {frame.seen} · frame {frames}")


def instant(time_us: int) -> str:
    """ISO 8601 in UTC, to the millisecond.

    >>> instant(1_700_000_000_123_456)
    '2023-11-14T22:13:20.123Z'
    """
    moment = dt.datetime.fromtimestamp(time_us // MICROSECONDS, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_us % MICROSECONDS // 1000:03}Z"
