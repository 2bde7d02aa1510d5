"""What crashes outside the panels: said on the page, logged, and tried again, so that no board stands frozen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitInvalidLayoutContextError

from sources.protocol import Source
from state.crash import kind_of, trace_of
from views.broken import about, broken_html
from views.style import STYLE

AGAIN_S = 10.0
"""So long after a run that crashed the page is laid out anew; where the loop goes on, when its shift is over."""
_CRASHED = "crashed"

logger = logging.getLogger("pulseboard.page")


class Troubles:
    """What crashed in the newest frame, in a place above the panels; nothing while all is well."""

    def __init__(self, about: str) -> None:
        """`about` says of which board it is."""
        self._about = about
        self._place: Any = st.empty()
        self._found: dict[str, str] = {}
        self._shown: dict[str, str] | None = None

    def renew(self) -> None:
        """See `Page.renew`."""
        self._shown = None

    @contextmanager
    def attempt(self, what: str) -> Iterator[None]:
        """Try a part of a frame. If it crashes, the frame goes on without it."""
        try:
            yield
        except StreamlitInvalidLayoutContextError:
            raise  # the run is over, which is nobody's fault
        except Exception as error:
            logger.error("%s failed", what, exc_info=error)  # noqa: TRY400 - the trace is there
            self._found[f"{what} ({kind_of(error)})"] = trace_of(error)

    def show(self) -> None:
        """Say what was found since this was last called, unless it is said already."""
        found, self._found = self._found, {}
        if found == self._shown:
            return
        self._shown = found
        if found:
            text = f"This could not be done, and is tried again: {', '.join(found)}."
            details = "\n\n".join((self._about, *found.values()))
            self._place.html(broken_html(text, details), unsafe_allow_javascript=True)
        else:
            self._place.empty()


@contextmanager
def laid_out(what: str, source: Source) -> Iterator[None]:
    """Try a part of a full run. If it crashes, that is said in its place, and the page is laid out anew after a while."""
    try:
        yield
    except StreamlitInvalidLayoutContextError:
        raise
    except Exception as error:
        logger.error("%s could not be laid out", what, exc_info=error)  # noqa: TRY400 - the trace is there
        text = f"{what} could not be laid out ({kind_of(error)}). It is tried again soon."
        st.html(STYLE)
        st.html(broken_html(text, f"{about(source)}\n\n{trace_of(error)}"), unsafe_allow_javascript=True)
        try_again_later()


def try_again_later() -> None:
    """Lay the page out anew after a while: nobody may be there to do it."""
    st.session_state[_CRASHED] = True
    _again()


@st.fragment(run_every=AGAIN_S)
def _again() -> None:
    if not st.session_state.pop(_CRASHED, False):
        st.rerun()
