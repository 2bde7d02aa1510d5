"""What changes in a feed is told once, at its event time, and a thousand changes are not a thousand lines.

In the timelines each letter is 50 events, one a second: `.` the field is absent, `n` it holds numbers, `t` text, `d` digits as text,
`m` both in turn.
"""

import numpy as np
import pyarrow as pa
import pytest

from sources.batch import Batch, Reading
from state.drift import GONE_EVENTS, MOST_ENTRIES, SETTLED_EVENTS, Drifts

STEP = 50
HELD = {
    ".": None,
    "n": [1.5] * STEP,
    "t": ["high"] * STEP,
    "d": ["1.5"] * STEP,
    "m": ["1.5", "n/a"] * (STEP // 2),
}


def batch(second, rows=STEP, read=None, **columns):
    table = pa.table({"host": ["a"] * rows, **{name: held for name, held in columns.items() if held is not None}})
    return Batch(table, float(second + rows), reading=read and Reading(read, "asked for"))


def told(drifts):
    return [(each.at_us // 1_000_000, each.field, each.kind) for each in drifts.log]


def update(drifts, given, second):
    instants = (second + np.arange(len(given))) * 1_000_000
    drifts.update(given, instants, given.table.column_names)


def follow(timeline):
    drifts = Drifts()
    for at, held in enumerate(timeline):
        update(drifts, batch(at * STEP, x=HELD[held]), at * STEP)
    return drifts


@pytest.mark.parametrize(
    ("timeline", "changes"),
    [
        ("nnnnnnnnnn", []),
        ("......nnnn", [(300, "appeared")]),
        ("nnnnnn....", [(299, "vanished")]),
        ("nnnnnn...n", []),
        ("nnnnnn....nn", [(299, "vanished"), (500, "appeared")]),
        ("nnnnnntttt", [(300, "changed type")]),
        ("nnnnnndddd", [(300, "changed type")]),
        ("nnnnnnmmmm", []),
        ("nnntnnntnn", [(150, "changed type"), (200, "changed type"), (350, "changed type"), (400, "changed type")]),
        ("n.........", []),
    ],
)
def test_timelines(timeline, changes):
    assert [(at, kind) for at, _, kind in told(follow(timeline))] == changes


def test_what_comes_while_the_feed_is_new_is_no_news():
    drifts = Drifts()
    update(drifts, batch(0), 0)
    update(drifts, Batch(pa.table({"host": ["a"], "late": [1.0]}), 3.0), 3)
    assert drifts.log == ()


def test_a_quiet_feed_has_settled_after_a_few_seconds():
    drifts = Drifts()
    for second in range(10):
        update(drifts, batch(second, rows=1, x=[1.0] if second == 8 else None), second)
    assert told(drifts) == [(8, "x", "appeared")]


def test_one_odd_message_changes_no_type():
    drifts = follow("nnnnnn")
    update(drifts, batch(300, rows=1, x=["odd"]), 300)
    update(drifts, batch(301, x=HELD["n"]), 301)
    assert drifts.log == ()


def test_a_change_of_type_says_from_what_to_what_at_its_first_event():
    [drift] = follow("nnnnnntt").log
    assert drift.detail == "numbers → text"
    assert drift.at_us == 300_000_000


def test_the_first_event_of_a_field_is_found_within_its_batch():
    drifts = follow("......")
    update(drifts, batch(300, x=[None] * 7 + [1.5] * (STEP - 7)), 300)
    assert told(drifts) == [(307, "x", "appeared")]


def test_integers_among_numbers_are_no_change():
    drifts = follow("nnnnnn")
    for at in range(300, 800, STEP):
        update(drifts, batch(at, x=[7] * STEP), at)
    assert drifts.log == ()


def test_many_fields_at_once_are_one_entry_that_names_a_few():
    drifts = follow("......")
    update(drifts, batch(300, **{f"f{n}": HELD["n"] for n in range(12)}), 300)
    [drift] = drifts.log
    assert drift.detail == "12 fields appeared: f0, f1, f2, f3 and 8 more"
    assert drift.field == ""


def test_names_made_of_data_do_not_flood_the_log():
    drifts = follow("......")
    for n in range(900):
        update(drifts, batch(300 + n, rows=1, **{f"user-{n}": [1.0]}), 300 + n)
    assert len(drifts.log) < MOST_ENTRIES // 2
    assert "user-" in drifts.log[-1].detail


def test_a_sparse_field_does_not_come_and_go():
    drifts = Drifts()
    for n in range(100):
        update(drifts, batch(n * STEP, x=HELD["n"] if n % 7 == 0 else None), n * STEP)
    assert drifts.log == ()


def test_the_log_is_bounded():
    drifts = Drifts()
    long = GONE_EVENTS // STEP
    for n in range(200):
        held = HELD["n"] if n // (2 * long) % 2 == 0 else None
        for _ in range(3):
            update(drifts, batch(n * 1000, x=held), n * 1000)
    assert len(drifts.log) <= MOST_ENTRIES


def test_another_format_is_told():
    drifts = Drifts()
    for at, read in enumerate(["json", "json", "csv", "csv"]):
        update(drifts, batch(at * STEP, read=read), at * STEP)
    assert told(drifts) == [(100, "", "changed format")]
    assert drifts.log[0].detail == "json → csv"


def test_the_transports_own_columns_are_no_news():
    drifts = follow("......")
    update(drifts, batch(300, _key=["k"] * STEP), 300)
    assert drifts.log == ()
    assert SETTLED_EVENTS <= 300


def test_a_history_that_comes_in_one_batch_is_told_as_if_it_had_come_bit_by_bit():
    rows = 1000
    held = pa.array([None] * 300 + [7.0] * 700)
    gone = pa.array([1.0] * 500 + [None] * 500)
    drifts = Drifts()
    update(drifts, batch(0, rows, queue=held, level=gone), 0)
    assert told(drifts) == [(300, "queue", "appeared"), (499, "level", "vanished")]
