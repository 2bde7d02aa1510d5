"""What a session remembers of its board: read from the link once, kept in step with it from then on."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import streamlit as st

from sources.connections import Properties, adhoc_allowed, connections
from sources.fields.event_time import AHEAD_S
from sources.protocol import Source
from state.board import Board, format_instant
from state.boards import load_board
from state.link import read_link, write_link
from state.playback import Playback
from state.settings import Complaint, Setting, Unfinished, kind_of, known_settings, quoted

_MEMORY = "pulseboard-board"

_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
"""Headers that a proxy adds. A viewer who forges one is only refused what he would have been allowed."""


Link = dict[str, str | list[str]]


@dataclass
class Memory:
    """The settings of one session.

    board       the last good board
    complaints  what could not be used of the link; said until the viewer first touches a control
    settings    the last good settings of each kind of source, so that changing to another and back loses none
    looked      what a pause has looked at before, newest last: the instant, the range and the filters of each
    noting      the instant beside which a note is being written, microseconds since the epoch
    playback    what is being played; None while the board is live or stands still
    brushing    whether a drag on a live chart pauses the board
    page        what the newest run has laid out, on which alone may be drawn
    watched     the source that is shown; None before the first run
    saved       the name under which a board is saved, and its link: as long as it is shown, the name is link enough
    """

    board: Board
    complaints: list[Complaint]
    settings: dict[str, dict[str, Setting]] = field(default_factory=dict)
    looked: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    noting: int | None = None
    playback: Playback | None = None
    brushing: bool = True
    page: object = None
    watched: Source | Unfinished | None = None
    saved: tuple[str, Link] | None = None

    def touched(self) -> None:
        self.complaints.clear()

    def watch(self, source: Source | Unfinished) -> None:
        """Show this source. Another one than before is live: what was paused, played or noted was of that one."""
        if self.watched not in (None, source):
            self.board = replace(self.board, mode="live", at="", range="")
            self.playback, self.noting = None, None
            self.looked.clear()
        self.watched = source
        self.board = replace(self.board, source=source)

    def say(self, setting: str, more: Sequence[Complaint] = ()) -> None:
        """Draw what there is to say of a setting: as plain text, since it repeats what a stranger may have written."""
        for each in (*self.complaints, *more):
            if each.setting == setting:
                warn(each.message)


def warn(message: str) -> None:
    """Draw what there is to say of a control below it, as the plain text it is."""
    with st.container(horizontal=True, wrap=False, gap="xsmall"):
        st.markdown(":orange[:material/warning:]", width="content")
        st.text(message, width="stretch")


def remember(sources: Mapping[str, type[Source]], views: Sequence[str]) -> Memory:
    """The session's memory; its first run reads the link."""
    if _MEMORY not in st.session_state:
        memory = _opened(sources, views)
        _stand_somewhere(memory)
        board = memory.board
        memory.settings[kind_of(board.source).kind] = known_settings(board.source)
        st.session_state[_MEMORY] = memory
    return recall()


def _opened(sources: Mapping[str, type[Source]], views: Sequence[str]) -> Memory:
    """What the link says, on top of the saved board that it names, if it names one."""
    params = _shown_link()
    name = (params.pop("board", None) or [""])[-1]
    if not name:
        return Memory(*read_link(params, sources=sources, views=views, adhoc=may_type_addresses()))
    try:
        saved = load_board(name)
    except ValueError as problem:
        board, complaints = read_link(params, sources=sources, views=views, adhoc=may_type_addresses())
        return Memory(board, [Complaint("board", str(problem)), *complaints])
    # Whoever saved it could type addresses here; whoever opens it may not be allowed to.
    alone, _ = read_link(saved, sources=sources, views=views, adhoc=may_type_addresses())
    board, complaints = read_link(saved | params, sources=sources, views=views, adhoc=may_type_addresses())
    return Memory(board, complaints, saved=(name, write_link(alone)))


def _stand_somewhere(memory: Memory) -> None:
    """A board that opens paused stands at the instant that its link names, unless that is still to come; else at this one."""
    board, now = memory.board, datetime.now(UTC)
    at = datetime.fromisoformat(board.at) if board.at else None
    if at and at > now + timedelta(seconds=AHEAD_S):  # a producer's clock may be so far ahead
        memory.complaints.append(Complaint("at", f"{quoted(board.at)} is still to come; the board is paused at now"))
        at = None
    if board.mode == "paused" and at is None:
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        memory.board = replace(board, at=format_instant(at))


def recall() -> Memory:
    """The session's memory, once there is one."""
    memory: Memory = st.session_state[_MEMORY]
    return memory


def link_complaints() -> list[Complaint]:
    """What could not be used of the link, until the viewer touches a control."""
    return list(recall().complaints)


def keep_link(memory: Memory) -> None:
    """Rewrite the page's link where it is not the board's."""
    link = write_link(memory.board)
    if memory.saved and memory.saved[1] == link:
        link = {"board": memory.saved[0]}
    if _shown_link() != {name: [text] if isinstance(text, str) else text for name, text in link.items()}:
        st.query_params.from_dict(link)


def may_type_addresses() -> bool:
    """Whether this viewer may say where to connect to. See `adhoc_allowed` for the rule and its reason."""
    forwarded = any(name in st.context.headers for name in _FORWARDED)
    return adhoc_allowed(st.get_option("server.address"), os.environ, forwarded=forwarded)


def named_connections(kind: str) -> dict[str, Properties]:
    """The connections for sources of that kind, from secrets.toml and the environment."""
    secrets = st.secrets.to_dict() if st.secrets.load_if_toml_exists() else {}
    return connections(secrets, os.environ, kind)


def _shown_link() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}
