"""Charts drawn by Vega outside a browser, in a process of its own that ends with the drawing.

Vega reads the time zone once a process, so a drawing in the viewer's zone takes one; and what its JavaScript engine takes,
about 100 MB, goes back to the system at once. A drawing takes about a second. One is made at a time.
"""

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from state.download import Refused

SCALE = 2
TIMEOUT_S = 60.0
MOST_WAITING = 3
"""The threads that make all downloads of the server are few: who would wait behind so many is refused."""
KEPT = 16
"""So many results are kept, by what was asked for: a second press draws nothing."""
_SCRIPT = Path(__file__).with_name("converter.py")
_drawn: dict[bytes, bytes] = {}
_room = threading.BoundedSemaphore(1 + MOST_WAITING)
_turn = threading.Lock()


class DrawingFailed(Refused):
    """A chart could not be drawn; the message says why."""


def png(spec: dict[str, Any], zone: dt.tzinfo) -> bytes:
    """The chart at twice its size in pixels, its times in `zone`. Raises DrawingFailed.

    spec  Vega-Lite, with its data: nothing is fetched
    """
    return _converted("png", json.dumps({"spec": spec, "scale": SCALE}), zone)


@lru_cache(maxsize=1)
def vega_bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, which gives `vegaEmbed` to the window. Raises DrawingFailed."""
    return _converted("bundle", "", dt.UTC).decode()


def _converted(what: str, given: str, zone: dt.tzinfo) -> bytes:
    key = hashlib.sha256(f"{what} {zone} {given}".encode()).digest()
    drawn = _drawn.get(key)
    if drawn is not None:
        return drawn
    if not _room.acquire(blocking=False):
        raise DrawingFailed("many charts are being drawn here at the moment: try again in a minute")
    try:
        with _turn:
            drawn = _drawn.get(key)  # somebody who was before may have asked for the same
            if drawn is None:
                drawn = _drawn[key] = _converted_anew(what, given, zone)
                if len(_drawn) > KEPT:
                    del _drawn[next(iter(_drawn))]
            return drawn
    finally:
        _room.release()


def _converted_anew(what: str, given: str, zone: dt.tzinfo) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own script, by its path
            [sys.executable, "-P", str(_SCRIPT), what],
            input=given.encode(),
            capture_output=True,
            check=True,
            timeout=TIMEOUT_S,
            env={**os.environ, "TZ": str(zone)},
        )
    except subprocess.TimeoutExpired:
        raise DrawingFailed(f"the chart was not drawn within {TIMEOUT_S:.0f} s: show less and try again") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines() or [f"code {error.returncode}"]
        raise DrawingFailed(f"the chart could not be drawn: {said[-1][:200]}") from None
    return done.stdout
