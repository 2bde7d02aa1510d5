"""Notes of two kinds: viewers write them, and recordings bring them."""

import pytest

from sources.batch import MOST_NOTES, Note
from state.notes import Notes


def texts(notes):
    return [note.text for note in notes.all]


def test_a_recording_that_loops_pushes_out_its_own_notes_and_no_other():
    notes = Notes()
    notes.add(Note(0, "ours"))
    for lap in range(MOST_NOTES + 50):
        notes.recorded([Note(lap + 1, f"lap {lap}")])
    assert texts(notes) == ["ours", *(f"lap {lap}" for lap in range(51, MOST_NOTES + 50))]
    notes.add(Note(10**6, "ours too"))
    assert len(notes.all) == MOST_NOTES
    assert {"ours", "ours too"} <= set(texts(notes))
    assert "lap 51" not in texts(notes)


def test_too_many_that_viewers_wrote_are_refused_and_leave_no_room_for_recorded_ones():
    notes = Notes()
    for at in range(MOST_NOTES):
        notes.add(Note(at, "x"))
    notes.recorded([Note(10**6, "recorded")])
    with pytest.raises(ValueError, match="200 notes on this feed already: remove one first"):
        notes.add(Note(10**6, "y"))
    assert len(notes.all) == MOST_NOTES
    notes.remove(Note(0, "x"))
    notes.recorded([Note(10**6, "recorded")])
    assert texts(notes)[-1] == "recorded"


def test_a_note_goes_whoever_wrote_it():
    notes = Notes()
    notes.recorded([Note(1, "both")])
    notes.add(Note(1, "both"))
    assert texts(notes) == ["both"]
    notes.remove(Note(1, "both"))
    assert texts(notes) == []
