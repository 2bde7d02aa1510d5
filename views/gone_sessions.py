"""Sessions whose tab has gone end in time, with all that was made for them."""

from typing import Any

from streamlit import runtime


def let_go_of_sessions() -> None:
    """Have Streamlit let go of sessions that have been disconnected for longer than `server.disconnectedSessionTTL`. Any thread may.

    By itself it does so when a further session disconnects, and of what its download buttons would make when a further run ends. So the
    last sessions of an evening would keep their windows and feeds all night.
    """
    this: Any = runtime.get_instance() if runtime.exists() else None
    sessions = getattr(this, "_session_mgr", None)  # there is no public way to it
    if sessions is None:
        return  # the runtime of a page under test has none
    this._get_async_objs().eventloop.call_soon_threadsafe(sessions._session_storage._cache.expire)  # noqa: SLF001 - it is the event loop's alone
    this.media_file_mgr.remove_orphaned_files()
