"""A state is told from what it is a state of by how calm it is within one thing."""

import numpy as np
import pyarrow as pa
import pytest

from state.inference import infer

ROWS = 600
CHANCE = np.random.default_rng(1)


def states_of(things, change=0.05, states=("running", "idle", "fault")):
    """The state of each row's thing, which changes now and then."""
    now, found = {}, []
    for thing in things:
        if thing not in now or CHANCE.random() < change:
            now[thing] = str(CHANCE.choice(states))
        found.append(now[thing])
    return found


def split_of(**columns):
    return infer(pa.table({**columns, "flow": np.linspace(0, 1, ROWS)})).split


TURNS = [f"P-10{n % 3}" for n in range(ROWS)]
ORDERS = {
    "in turns": TURNS,
    "in bursts": [f"P-10{n // 10 % 3}" for n in range(ROWS)],
    "at random": [f"P-10{n}" for n in CHANCE.integers(0, 6, ROWS)],
    "of a dozen": [f"P-1{n % 12:02}" for n in range(ROWS)],
}


@pytest.mark.parametrize("things", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("name", ["status", "phase", "condition"])
def test_a_board_is_split_by_the_things_and_not_by_their_state_whichever_comes_first(things, name):
    states = states_of(things)
    assert split_of(pump=things, **{name: states}) == "pump"
    assert split_of(**{name: states}, pump=things) == "pump"


@pytest.mark.parametrize("things", [TURNS, ORDERS["at random"], ORDERS["of a dozen"]])
@pytest.mark.parametrize("name", ["city", "operation", "priority"])
def test_a_state_of_any_name_is_told_by_how_it_goes_on(things, name):
    assert split_of(**{name: states_of(things)}, truck=things) == "truck"


def test_what_is_the_same_for_a_thing_for_good_is_a_group_of_things_and_no_state():
    region = [{"P-100": "eu", "P-101": "us", "P-102": "eu"}[each] for each in TURNS]
    assert split_of(pump=TURNS, region=region) == "region"


def test_what_changes_from_event_to_event_is_no_state():
    action = [str(each) for each in CHANCE.choice(["buy", "sell", "hold"], ROWS)]
    assert split_of(trader=TURNS, action=action) == "action"


def test_a_part_of_one_thing_is_no_state_of_it_though_it_talks_most():
    device = [("a1", "b1")[n % 2] if n % 15 else ("a2", "b2")[n % 2] for n in range(ROWS)]
    assert split_of(maker=[each[0] for each in device], device=device) == "device"


def test_where_things_are_too_many_their_states_are_what_is_left():
    things = [f"P-{n % 40}" for n in range(ROWS)]
    assert split_of(pump=things, status=states_of(things)) == "status"
