"""The log: one JSON object a line on standard error, with a level, and no secret and no event's value in it.

Our loggers are called `pulseboard.…`. What belongs to a record beside its words stands in `extra={"fields": {…}}`.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from state.crash import trace_of
from state.repeats import Repeats

LEVEL_VARIABLE = "PULSEBOARD_LOG_LEVEL"
LEVELS = ("debug", "info", "warning", "error")
USUAL_LEVEL = "info"
MOST_CHARS = 2_000
"""Of what a library says."""
REPEATS = Repeats()


class JsonLines(logging.Formatter):
    """A record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": f"{at:%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _words(record),
            **getattr(record, "fields", {}),
        }
        if repeated := getattr(record, "repeated", 0):
            line["repeated"] = repeated
        if record.exc_info and record.exc_info[1]:
            line["error"] = trace_of(record.exc_info[1])
        return json.dumps(line, default=str)


def _words(record: logging.LogRecord) -> str:
    """Ours as they are; of a library's only the pattern, because what it fills in may be a login, or a message of the feed."""
    return record.getMessage() if record.name.startswith("pulseboard") else str(record.msg)[:MOST_CHARS]


class Lines(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is by then."""

    def __init__(self, level: int = logging.NOTSET) -> None:
        logging.Handler.__init__(self, level)
        self.setFormatter(JsonLines())
        self.addFilter(REPEATS)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr

    def say_what_was_held_back(self) -> None:
        """Once a minute: see `Repeats.due`."""
        for record in REPEATS.due():
            self.handle(record)


HANDLER = Lines()


def set_up_logs(environ: Mapping[str, str] = os.environ) -> None:
    """Have all that is logged written by HANDLER: ours from the level on that the environment names, others' from warnings on."""
    root, ours = logging.getLogger(), logging.getLogger("pulseboard")
    if HANDLER not in root.handlers:
        root.addHandler(HANDLER)
    asked = environ.get(LEVEL_VARIABLE, "").strip().lower() or USUAL_LEVEL
    ours.setLevel((asked if asked in LEVELS else USUAL_LEVEL).upper())
    if asked not in LEVELS:
        words = f"{LEVEL_VARIABLE} is no level: {USUAL_LEVEL} is used. Choose one of {', '.join(LEVELS)}"
        ours.warning(words)


def fields(**named: Any) -> dict[str, dict[str, Any]]:
    """What belongs to a record beside its words, as `extra` takes it; None is left out."""
    return {"fields": {name: value for name, value in named.items() if value is not None}}
