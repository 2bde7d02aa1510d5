import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from state.roster import LEAD, SLICES, Roster
from state.series import NAMELESS, OTHER

WINDOW = 8_000
SLICE = WINDOW // SLICES


def came(roster, names, at=10_000):
    return roster.encode(pa.array(names, pa.string()), np.full(len(names), at))


def full(*names):
    """A roster that has room for two."""
    roster = Roster(WINDOW, max_series=2)
    roster.expire(10_000 - WINDOW)
    came(roster, names)
    return roster


def test_while_all_have_room_nothing_is_unsure_and_no_sketch_is_loaded():
    script = (
        "import sys, numpy as np, pyarrow as pa; from state.roster import Roster; r = Roster(8);"
        "r.encode(pa.array(['a', 'b']), np.array([1, 2])); print('datasketches' in sys.modules, r.pool, r.unsure(), r.distinct(2))"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert shown.split("\n")[0] == "False None {} 2.0"


def test_a_frequent_name_of_the_pool_takes_the_place_of_the_weakest_and_says_what_it_missed():
    roster = full("a", "b", *["late"] * 50)
    assert roster.names == ["a", "b", OTHER]
    held = np.array([30.0, 20.0, 50.0])
    assert roster.swaps(held, set()) == [(1, "late")]
    roster.swap(1, "late", 20)
    assert roster.unsure() == {"late": 50}
    assert came(roster, ["late", "b", "a"]).tolist() == [1, 2, 0]
    assert roster.distinct(2) == pytest.approx(3, abs=0.01)


def test_nobody_makes_room_for_one_that_is_hardly_more_or_while_seated():
    roster = full("a", "b", *["late"] * 50)
    assert roster.swaps(np.array([50 / LEAD, 50 / LEAD, 0]), set()) == []
    assert roster.swaps(np.array([1.0, 1.0, 0]), {0, 1, None}) == []


def test_one_that_was_just_let_in_is_not_the_weakest_for_want_of_events():
    roster = full("a", "b", *["late"] * 50, *["later"] * 30)
    roster.swap(1, "late", 0)
    assert roster.swaps(np.array([10.0, 0.0, 80.0]), set()) == [(0, "later")]


def test_who_made_room_is_told_apart_again_with_a_bound_that_holds_what_it_had():
    roster = full("a", "b", *["late"] * 50)
    roster.swap(1, "late", 20)
    came(roster, ["b"] * 5)
    roster.release(np.array([0, 1]))
    assert roster.names == ["", "late", OTHER]  # late's events are in the pool, its next will come
    assert came(roster, ["b"]).tolist() == [0]
    assert roster.unsure()["b"] == 25


def test_once_the_window_has_passed_nothing_is_unsure_and_the_crowd_is_forgotten():
    roster = full("a", "b", *["late"] * 50)
    roster.swap(1, "late", 0)
    roster.expire(10_000)
    assert roster.unsure() == {"late": 50}
    roster.expire(10_000 + SLICE)
    assert roster.unsure() == {}
    assert roster.distinct(2) == 2


def test_rows_that_stand_for_many_weigh_as_many_and_null_is_a_name():
    roster = full("a", "b")
    roster.encode(pa.array([None, "c", None], pa.string()), np.full(3, 10_000), np.array([40, 0, 2]))
    assert roster.swaps(np.array([1.0, 9.0]), set()) == [(0, NAMELESS)]
    roster.swap(0, NAMELESS, 1)
    assert roster.unsure() == {NAMELESS: 42}


def test_times_that_no_window_holds_open_no_slices():
    roster = full("a", "b")
    roster.encode(pa.array([f"id-{n}" for n in range(500)]), np.arange(500) * 10**9)
    assert len(roster._crowd) <= 2 * SLICES + 3
