"""What viewers have written beside instants of a feed, for all who watch it."""

import threading
from collections.abc import Iterable

from sources.batch import MOST_NOTES, NOTE_CHARS, Note


class Notes:
    """The notes of one feed, by time; any thread may read and write them.

    >>> notes = Notes()
    >>> notes.add(Note(20, "deployed"))
    >>> notes.add(Note(10, "load test begins"))
    >>> [note.text for note in notes.between(0, 20)]
    ['load test begins', 'deployed']
    """

    def __init__(self) -> None:
        self._all: tuple[Note, ...] = ()
        self._written: set[Note] = set()
        self._recorded: set[Note] = set()
        self._lock = threading.Lock()

    @property
    def all(self) -> tuple[Note, ...]:
        """Every note, oldest instant first."""
        return self._all

    def add(self, note: Note) -> None:
        """Keep it. Raises ValueError for the user if it is empty or too long, or there are too many."""
        text = " ".join(note.text.split())
        if not text or len(text) > NOTE_CHARS:
            raise ValueError(f"a note has 1 to {NOTE_CHARS} characters, not {len(text)}")
        with self._lock:
            if len(self._written) >= MOST_NOTES:
                raise ValueError(f"there are {MOST_NOTES} notes on this feed already: remove one first")
            self._written.add(Note(note.at_us, text))
            self._join()

    def remove(self, note: Note) -> None:
        """Forget it; one that is gone already is no error."""
        with self._lock:
            self._written.discard(note)
            self._recorded.discard(note)
            self._join()

    def recorded(self, notes: Iterable[Note]) -> None:
        """Keep what came with a recording, as far as there is room beside what was written here: those of the newest instants."""
        with self._lock:
            self._recorded.update(notes)
            self._join()

    def between(self, from_us: int, to_us: int) -> tuple[Note, ...]:
        """The notes of these instants, both ends included."""
        return tuple(note for note in self._all if from_us <= note.at_us <= to_us)

    def _join(self) -> None:
        """Both kinds, at most MOST_NOTES. A loop brings its own anew each round: they must not push out what viewers have written."""
        recorded = sorted(self._recorded - self._written)
        self._recorded = set(recorded[max(0, len(recorded) + len(self._written) - MOST_NOTES) :])
        self._all = tuple(sorted(self._written | self._recorded))
