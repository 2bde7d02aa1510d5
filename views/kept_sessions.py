"""Sessions whose tab has gone end in time, with all that they remember."""

from typing import Any

from streamlit import runtime


def end_sessions() -> None:
    """Have Streamlit let go of sessions that have been disconnected for longer than `server.disconnectedSessionTTL`. Any thread may.

    By itself it does so when a further session disconnects: the last ones of an evening would keep their windows all night.
    """
    if runtime.exists():
        this: Any = runtime.get_instance()
        kept = this._session_mgr._session_storage._cache  # noqa: SLF001 - there is no public way to it
        this._get_async_objs().eventloop.call_soon_threadsafe(kept.expire)  # noqa: SLF001 - it is the event loop's alone
