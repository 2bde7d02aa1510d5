"""What a viewer is told where a file can't be made.

Streamlit makes a file on a thread of its own, answers whatever is raised there with "Failed to generate file for download", and
logs it with its traceback. So the reason is kept for the page, which says it as soon as it draws again.
"""

import logging
from collections import deque
from collections.abc import Callable

import streamlit as st

from state.download import Refused
from views.markdown import literal

LOOKS_EVERY_S = 1.0
_KEY = "refused"
_MOST = 3
"""So many are kept until the page says them: it may never do."""


def telling(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """What makes a file, for a download button of this run; this session is told why it refuses to."""
    refused: deque[str] = st.session_state.setdefault(_KEY, deque(maxlen=_MOST))

    def made() -> bytes:
        try:
            return make()
        except Refused as problem:
            refused.append(str(problem))
            raise

    return made


def say_refusals() -> None:
    """Tell the viewer what has been refused since this was last called."""
    refused: deque[str] = st.session_state.get(_KEY, deque())
    while refused:
        st.toast(literal(refused.popleft()), icon=":material/warning:", duration="long")


@st.fragment(run_every=LOOKS_EVERY_S)
def watch_for_refusals() -> None:
    """Say them as they come; in a run that ends, since beside the loop no fragment runs."""
    say_refusals()


def _is_for_the_log(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not (error is not None and isinstance(error.__cause__, Refused))


logging.getLogger("streamlit.runtime.backend_operation_handler").addFilter(_is_for_the_log)
