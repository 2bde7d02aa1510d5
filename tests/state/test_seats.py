import numpy as np
import pytest

from state.frame import SLOTS
from state.seats import LEAD, LOOK_US, LOOKS, Seats

NAMES = [f"series {code:02}" for code in range(30)]


def look(seats, second, events):
    events = np.array(events, float)
    seats.update(int(second * 1e6), np.flatnonzero(events), events, NAMES)
    return list(seats.slots)


def test_series_of_equal_noise_never_swap_in_a_thousand_ticks():
    rng = np.random.default_rng(3)
    seats = Seats(1)
    first = look(seats, 0, rng.poisson(300, 2))
    assert all(look(seats, second, rng.poisson(300, 2)) == first for second in range(1, 1000))


@pytest.mark.parametrize("refresh", [0.1, 1.0, 5.0])
def test_a_busier_newcomer_is_seated_within_seconds_whatever_the_refresh(refresh):
    seats = Seats(2)
    look(seats, 0, [10, 20, 0])
    seconds = np.arange(refresh, 60, refresh)
    seated = [second for second in seconds if look(seats, second, [10, 20, 16]) == [2, 1]]
    assert seated
    assert LOOKS - 1 <= seated[0] <= (LOOKS + 1) * max(refresh, 1.1)
    assert len(seated) == np.count_nonzero(seconds >= seated[0])


def test_one_that_is_busier_now_and_then_is_not_seated():
    seats = Seats(1)
    look(seats, 0, [10, 0])
    for second in range(1, 200):
        assert look(seats, second, [10, 20 if second % LOOKS else 12]) == [0]


def test_between_the_marks_nobody_moves_either_way():
    seats = Seats(1)
    look(seats, 0, [10, 0])
    for second in range(1, 50):
        assert look(seats, second, [10, 10 * LEAD]) == [0]
    for second in range(50, 53):
        look(seats, second, [10, 10 * LEAD + 1])
    assert seats.slots == [1]
    for second in range(53, 100):
        assert look(seats, second, [10 * LEAD, 10]) == [1]


def test_at_most_one_exchange_happens_at_a_time_and_the_others_keep_their_seats():
    seats = Seats()
    before = look(seats, 0, [5] * SLOTS)
    for second in range(1, 40):
        after = look(seats, second, [5] * SLOTS + [50] * SLOTS)
        assert sum(one != other for one, other in zip(before, after, strict=True)) <= 1
        before = after
    assert sorted(before) == list(range(SLOTS, 2 * SLOTS))


def test_a_series_without_events_gives_its_seat_to_the_most_active_at_once():
    seats = Seats(2)
    assert look(seats, 0, [5, 6, 0, 0]) == [0, 1]
    assert look(seats, 0.1, [0, 6, 1, 2]) == [3, 1]


def test_looks_are_counted_by_event_time():
    seats = Seats(1)
    look(seats, 0, [1, 0])
    for _ in range(100):
        assert look(seats, LOOK_US / 1e6, [1, 9]) == [0]


def test_a_kept_name_sits_in_its_own_place_and_others_where_nobody_is_kept():
    seats = Seats(4, kept=("fan", "pump"))
    names = ["saw", "pump", "mill"]
    seats.update(0, np.array([0, 1, 2]), np.array([3.0, 1.0, 2.0]), names)
    assert [None if code is None else names[code] for code in seats.slots] == [None, "pump", "mill", "saw"]
