"""Files that were made for a download stay until the browser has fetched them."""

import time
from collections.abc import Callable

from streamlit import runtime

KEPT_S = 30.0
"""A file stays at least so long after it was made, and at most about twice as long once nobody refers to it."""


def keep_files() -> None:
    """Have Streamlit look for files that nobody refers to only now and then. Once a process.

    It looks at the end of every run, of whatever session and fragment, and removes what it finds for the second time. A file made
    for a download is referred to by nobody: with a few paused boards, whose fragments run each second, it is gone before it is fetched.
    """
    if runtime.exists():
        manager = runtime.get_instance().media_file_mgr
        manager.remove_orphaned_files = seldom(manager.remove_orphaned_files, KEPT_S)  # type: ignore[method-assign]


def seldom(act: Callable[[], None], least_s: float, clock: Callable[[], float] = time.monotonic) -> Callable[[], None]:
    """Does so at most once in so many seconds; other calls do nothing.

    >>> now, done = [100.0], []
    >>> call = seldom(lambda: done.append(now[0]), 30.0, lambda: now[0])
    >>> for now[0] in (100.0, 101.0, 129.0, 130.0, 131.0):
    ...     call()
    >>> done
    [100.0, 130.0]
    """
    last = -least_s

    def call() -> None:
        nonlocal last
        if clock() - last >= least_s:
            last = clock()
            act()

    return call
