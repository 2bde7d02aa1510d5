"""The app, whose frames take FRAME_S from SIGUSR1 on, and as long as they do from SIGUSR2 on.

python tests/browser/slow_app.py run streamlit_app.py --server.port=8501
"""

import signal
import threading
from typing import Any

from streamlit.web.cli import main

from state.lens import Lens

FRAME_S = 1.6
"""Longer than a refresh of a second, and shorter than two."""

if __name__ == "__main__":
    made, slow = Lens.frame, threading.Event()

    def frame(lens: Lens, **known: Any) -> Any:
        threading.Event().wait(FRAME_S if slow.is_set() else 0.0)
        return made(lens, **known)

    Lens.frame = frame  # type: ignore[method-assign]
    signal.signal(signal.SIGUSR1, lambda *_: slow.set())
    signal.signal(signal.SIGUSR2, lambda *_: slow.clear())
    main()
