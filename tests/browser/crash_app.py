"""The app, of which those parts crash that the file named by CRASH_FILE lists: panels by their names, and the parts below.

python tests/browser/crash_app.py run streamlit_app.py --server.port=8501
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamlit.web.cli import main

import views.header
import views.layout
import views.why
from sources.simulated import Simulated
from state.lens import Lens
from state.viewer import Viewer
from views import PANELS

VALUE = "a-value-of-an-event"
"""Stands in the words of each crash, and may not get anywhere."""


def crashing(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which crashes while the file says so."""

    def crash_or_call(*given: Any, **named: Any) -> Any:
        if name in Path(os.environ["CRASH_FILE"]).read_text("utf-8").split():
            return {}[VALUE]
        return function(*given, **named)

    return crash_or_call


if __name__ == "__main__":
    for name, panel in PANELS.items():
        still = crashing(f"still-{name}", panel.still) if panel.still else None
        touch = replace(panel.touch, spec=crashing(f"still-{name}", panel.touch.spec)) if panel.touch else None
        PANELS[name] = replace(panel, prepare=crashing(name, panel.prepare), still=still, touch=touch)
    Lens.frame = crashing("frame", Lens.frame)  # type: ignore[method-assign]
    Viewer.still = crashing("standing", Viewer.still)  # type: ignore[method-assign]
    views.layout.viewers_zone = crashing("layout", views.layout.viewers_zone)
    views.why.reason = crashing("why", views.why.reason)
    views.header.Age.show = crashing("age", views.header.Age.show)  # type: ignore[method-assign]
    reader = type(Simulated().open())
    reader.poll = crashing("poll", reader.poll)  # type: ignore[method-assign]
    main()
