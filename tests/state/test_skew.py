"""Whose clock is off: found among the events that come, by name where a field tells, and told as long as it lasts."""

import numpy as np
import pyarrow as pa
import pytest

from state.skew import Skew, Skews

NOW = 1_700_000_000.0
HOUR, MINUTE = 3600.0, 60.0
FIELDS = ("region", "host")


def watch(skews: Skews, leads: dict[str, float], seconds: int = 10, start: float = NOW, jitter: float = 0.2) -> Skews:
    """Each host sends an event a second by a clock that is so much ahead; region `eu` has all of them but one."""
    rng = np.random.default_rng(7)
    for second in range(seconds):
        arrived = start + second
        hosts = list(leads)
        instants = np.array([(arrived + leads[host] - jitter * rng.random()) * 1e6 for host in hosts], np.int64)
        table = pa.table({"host": hosts, "region": ["us" if host == "a" else "eu" for host in hosts]})
        skews.update(table, instants, arrived, FIELDS)
    return skews


@pytest.mark.parametrize("lead", [10, 5 * MINUTE, 3 * HOUR])
def test_a_feed_all_of_which_is_of_a_time_to_come_has_a_clock_that_is_ahead(lead):
    [skew] = watch(Skews(), {"a": lead, "b": lead}).found
    assert (skew.field, skew.name, skew.part) == ("", "", False)
    assert skew.ahead_s == pytest.approx(lead, abs=1)


@pytest.mark.parametrize("lead", [0, -30, -5 * MINUTE, -3 * HOUR])
def test_a_feed_that_is_old_as_a_whole_has_no_clock_that_is_known_to_be_off(lead):
    assert watch(Skews(), {"a": lead, "b": lead}).found == ()


@pytest.mark.parametrize("lead", [3 * HOUR, -3 * HOUR, 5 * MINUTE, -5 * MINUTE])
def test_one_of_several_producers_is_named_by_the_field_that_tells_it_from_the_others(lead):
    [skew] = watch(Skews(), {"a": 0, "b": lead, "c": 0}).found
    assert (skew.field, skew.name, skew.part) == ("host", "b", True)
    assert skew.ahead_s == pytest.approx(lead, abs=1)


def test_one_of_two_is_named_too_and_so_are_two_of_many_the_larger_first():
    assert [skew.name for skew in watch(Skews(), {"b": 0, "c": HOUR}).found] == ["c"]
    many = {f"h{n}": 0.0 for n in range(6)} | {"b": HOUR, "c": -2 * HOUR}
    assert [(skew.name, skew.ahead_s > 0) for skew in watch(Skews(), many).found] == [("c", False), ("b", True)]


def test_where_no_field_tells_whose_they_are_it_is_some_producers():
    skews = Skews()
    for second in range(10):
        at = np.array([NOW + second, NOW + second + HOUR]) * 1e6
        skews.update(pa.table({"v": [1, 2]}), at.astype(np.int64), NOW + second, FIELDS)
    assert skews.found == (Skew(HOUR, part=True),)


def test_events_that_were_held_up_for_different_times_are_of_no_clock_that_is_behind():
    skews = Skews()
    for second in range(20):  # b was cut off for ten minutes, and sends what it has kept
        at = np.array([NOW + second, NOW - 600 + 25 * second]) * 1e6
        skews.update(pa.table({"host": ["a", "b"]}), at.astype(np.int64), NOW + second, FIELDS)
        assert skews.found == ()


def test_a_straggler_now_and_then_is_nobodys_clock():
    skews = Skews()
    for second in range(60):
        late = 0 if second % 9 else 200 + second
        at = np.array([NOW + second - late, NOW + second]) * 1e6
        skews.update(pa.table({"host": ["a", "b"]}), at.astype(np.int64), NOW + second, FIELDS)
        assert skews.found == ()


def test_a_clock_that_was_mended_is_told_no_more():
    skews = watch(Skews(), {"a": 0, "b": HOUR})
    assert skews.found
    watch(skews, {"a": 0, "b": 0}, seconds=8, start=NOW + 10)
    assert skews.found == (), "its newest events are right"


def test_the_figure_stands_still_while_the_skew_does():
    skews, told = Skews(), set()
    for second in range(30):
        watch(skews, {"a": 0, "b": HOUR}, seconds=1, start=NOW + second, jitter=3.0)
        told |= {skew.ahead_s for skew in skews.found}
    assert len(told) == 1


def test_a_feed_whose_clocks_are_right_keeps_nothing():
    assert not watch(Skews(), {"a": 0, "b": 0.5})._rows
