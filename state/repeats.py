"""What repeats in the log is said once a minute, with how often it happened."""

import copy
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from state.crash import place_of

EVERY_S = 60.0
MOST = 1_000
"""So many different faults are told apart; of more the one that was said longest ago is forgotten."""
TELLING = ("feed", "panel", "state")
"""The fields that tell one fault from another of the same words."""


@dataclass(slots=True)
class _Said:
    """When a fault was said last, in seconds, how often it was held back since, and the last that was."""

    at: float
    held: int = 0
    last: logging.LogRecord | None = None


class Repeats:
    """A filter of a handler: lets each fault through at once, and then at most once in `every_s` seconds.

    What it lets through says in `repeated` how often it was held back since it was said last. A record with `paced` comes at a
    pace of its own, and always goes through.

    The libraries' own words are told apart by their logger alone: where a name or a number is written into them, each is new.
    """

    def __init__(self, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock = clock
        self._said: dict[tuple[object, ...], _Said] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write it now."""
        if getattr(record, "paced", False):
            return True
        key, now = _key(record), self._clock()
        with self._lock:
            said = self._said.get(key)
            if said is not None and now - said.at < self._every_s:
                said.held += 1
                said.last = _without_trace(record)
                return False
            record.repeated = said.held if said is not None else 0
            self._said.pop(key, None)  # the newest stands last
            self._said[key] = _Said(now)
            while len(self._said) > MOST:
                del self._said[next(iter(self._said))]
            return True

    def due(self) -> list[logging.LogRecord]:
        """What was held back and has not come again for a minute: without this, nobody would read how often it happened."""
        now, records = self._clock(), []
        with self._lock:
            for key, said in list(self._said.items()):
                if now - said.at >= self._every_s:
                    del self._said[key]
                    if said.last is not None:
                        said.last.repeated = said.held
                        said.last.paced = True
                        records.append(said.last)
                        self._said[key] = _Said(now)
        return records


def _key(record: logging.LogRecord) -> tuple[object, ...]:
    if not record.name.startswith("pulseboard"):
        return record.name, record.levelno
    fields = getattr(record, "fields", {})
    error = record.exc_info[1] if record.exc_info else None
    place = place_of(error) if error is not None else ""
    return record.name, record.msg, place, *(fields.get(name) for name in TELLING)


def _without_trace(record: logging.LogRecord) -> logging.LogRecord:
    """A copy that holds nothing of what was under way: a trace refers to all that its calls were given."""
    kept = copy.copy(record)
    kept.exc_info, kept.args = None, ()
    return kept
