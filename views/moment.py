"""Where in time a session's board stands, and what moves it: buttons, brushes, the scrubber, typed instants."""

import time
from dataclasses import replace

import streamlit as st

from sources.batch import Note
from state.board import LATEST_US, MOST_FILTERS, SHORTEST_RANGE_US, format_range, instant_text
from state.choice import MICROSECONDS, Choice
from state.filters import parse_filter
from state.playback import Playback
from state.settings import Complaint
from state.viewer import Viewer
from views.picks import Pick
from views.session import Memory

MOST_LOOKED_AT = 50
"""So many steps can be taken back."""


class Moment:
    """Moves the board of a session. Each method is a widget's callback: it changes the board before the run that shows it."""

    def __init__(self, memory: Memory, viewer: Viewer) -> None:
        self.memory = memory
        self.viewer = viewer

    def playback(self, choice: Choice) -> Playback | None:
        """What is being played, shown as that choice; None where the board is live or stands still."""
        playback = self.memory.playback
        if playback is not None and playback.viewer is not self.viewer:
            playback = self.memory.playback = None  # the feed has been opened anew: nothing of it was there then
        if playback is not None:
            playback.choice = choice
        return playback

    def pause(self) -> None:
        """Stand still with the frame on screen, live or played."""
        edge_us = self.viewer.edge_us or int(time.time() * MICROSECONDS)
        self._show(
            mode="paused", at=instant_text(edge_us), range=""
        )  # to the microsecond: its newest event is on screen

    def resume(self) -> None:
        """Back to live."""
        self._show(mode="live", at="", range="")
        self.memory.looked.clear()
        self.memory.noting = None

    def play(self, from_us: int, speed: float) -> None:
        """Play what is held from an instant on."""
        self._show(playback=Playback(self.viewer, Choice(), from_us, speed), at=_instant(from_us), range="")

    def play_at(self, playback: Playback, speed: float) -> None:
        """Go on playing at another speed."""
        self.play(playback.at_us, speed)

    def stand_at(self, at_us: int) -> None:
        """Stand still at another instant; a range goes along, and ends there."""
        span = self.memory.board.range_us
        self._show(at=_instant(at_us), range=_range(at_us - (span[1] - span[0]), at_us) if span else "")

    def look_at(self, from_us: int, to_us: int) -> None:
        """Look at a range; one that is too short is widened. The board stands at its end, where that is later, but not in the future."""
        at_us = self.memory.board.at_us or 0
        end_us = min(to_us, int(time.time() * MICROSECONDS))
        self._show(range=_range(from_us, to_us), at=_instant(end_us) if end_us > at_us + 1 else self.memory.board.at)

    def zoom_out(self, from_us: int, to_us: int) -> None:
        """Look at twice the span around what is shown, up to the instant of the pause at the most."""
        half = (to_us - from_us) // 2
        self.look_at(from_us - half, max(to_us, min(to_us + half, self.memory.board.at_us or to_us)))

    def look_at_all(self) -> None:
        """Look at the whole window that ends at the instant."""
        self._show(range="")

    def back(self) -> None:
        """What was looked at before."""
        if self.memory.looked:
            at, span, where = self.memory.looked.pop()
            self._keep(at=at, range=span, where=where)

    def act(self, pick: Pick) -> None:
        """Take what was picked on a panel."""
        board = self.memory.board
        if pick.range_us or pick.where:
            span = _range(*pick.range_us) if pick.range_us else board.range
            where = _with_filters(board.where, pick.where)
            if len(where) > MOST_FILTERS:
                self.memory.touched()
                self.memory.complaints.append(
                    Complaint("where", f"there are {MOST_FILTERS} filters already: take one off first")
                )
                return
            self._show(range=span, where=where)
        if pick.at_us is not None:
            self.memory.noting = pick.at_us

    def drop_filter(self, text: str) -> None:
        """Take a filter off."""
        self._show(where=tuple(each for each in self.memory.board.where if each != text))

    def note(self, text: str) -> None:
        """Write beside the instant that was picked. Raises ValueError for the user."""
        if self.memory.noting is not None:
            self.viewer.feed.notes.add(Note(self.memory.noting, text))
            self.memory.noting = None

    def forget_note(self) -> None:
        """Write no note after all."""
        self.memory.noting = None

    def _show(self, *, playback: Playback | None = None, **changed: object) -> None:
        """Show something else, from which one can step back."""
        before = self.memory.board
        self.memory.playback = playback
        self._keep(**changed)
        if self.memory.board != before and before.mode == "paused":
            self.memory.looked.append((before.at, before.range, before.where))
            del self.memory.looked[:-MOST_LOOKED_AT]

    def _keep(self, **changed: object) -> None:
        self.memory.board = replace(self.memory.board, **changed)  # type: ignore[arg-type]
        self.memory.touched()
        if "where" in changed:
            st.session_state["board-where"] = list(self.memory.board.where)  # the sidebar's own widget for it


def _with_filters(where: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """The filters with these added, each in the place of one that compares the same field in the same way.

    >>> _with_filters(("host:eq:a", "load:ge:1"), ("host:eq:b",))
    ('load:ge:1', 'host:eq:b')
    """
    said = {(each.field, each.op) for each in map(parse_filter, more)}
    kept = [text for text in where if ((each := parse_filter(text)).field, each.op) not in said]
    return (*kept, *more)


def _instant(us: int) -> str:
    """The text of an instant, in whole milliseconds."""
    return instant_text(us // 1000 * 1000)


def _range(from_us: int, to_us: int) -> str:
    """The text of a range, within the time there is and at least of the shortest length, in whole milliseconds."""
    from_us = min(max(from_us, SHORTEST_RANGE_US), LATEST_US - 2 * SHORTEST_RANGE_US)
    to_us = min(max(to_us, from_us), LATEST_US - SHORTEST_RANGE_US)
    short = max(0, SHORTEST_RANGE_US - (to_us - from_us))
    start, end = from_us - short // 2, to_us + short - short // 2
    millis = MICROSECONDS // 1000
    return format_range(start // millis * millis, -(-end // millis) * millis)
