"""Where reading goes on in a topic, and what is said to be lost."""

import pytest

from sources.kafka_place import ANEW, CUT, DELETED, Place

TOPIC, OTHER = "a topic's id", "another's"


def resumed(place, begins, ends, topic_id=TOPIC):
    """What was lost, and where it goes on."""
    gaps = place.resume(begins, ends, topic_id)
    assert all(gap.from_us <= gap.until_us for gap in gaps)
    return [(gap.lost, gap.why) for gap in gaps], place.offsets


def test_it_goes_on_where_it_was_and_nothing_is_lost():
    place = Place({0: 5, 1: 0}, TOPIC)
    place.advance({0: 9, 1: 2}, 6)
    assert resumed(place, {0: 3, 1: 0}, {0: 9, 1: 4}) == ([], {0: 9, 1: 2})


def test_what_was_deleted_before_it_was_read_is_counted_over_all_partitions():
    place = Place({0: 5, 1: 7, 2: 3}, TOPIC)
    assert resumed(place, {0: 15, 1: 9, 2: 0}, {0: 15, 1: 20, 2: 3}) == ([(12, DELETED)], {0: 15, 1: 9, 2: 3})


def test_where_offsets_were_passed_over_nobody_can_know_how_many_events_were_deleted():
    place = Place({0: 0}, TOPIC)
    place.advance({0: 10}, 9)
    assert resumed(place, {0: 20}, {0: 30}) == ([(None, DELETED)], {0: 20})


def test_a_partition_that_is_new_is_read_from_its_beginning_and_what_it_has_deleted_is_lost():
    assert resumed(Place({0: 5}, TOPIC), {0: 0, 1: 2}, {0: 5, 1: 4}) == ([(2, DELETED)], {0: 5, 1: 2})


def test_a_partition_that_the_broker_does_not_know_yet_keeps_its_place():
    place = Place({0: 5, 1: 7}, TOPIC)
    assert resumed(place, {0: 0}, {0: 5}) == ([], {0: 5, 1: 7})
    assert resumed(place, {0: 0, 1: 0}, {0: 5, 1: 7}) == ([], {0: 5, 1: 7})


def test_events_that_the_topic_has_lost_are_not_read_twice():
    assert resumed(Place({0: 5, 1: 7}, TOPIC), {0: 0, 1: 0}, {0: 4, 1: 7}) == ([(None, CUT)], {0: 4, 1: 7})


@pytest.mark.parametrize(("before", "now", "ends"), [(TOPIC, OTHER, 9), (None, None, 4)])
def test_a_topic_made_anew_is_read_from_its_beginning(before, now, ends):
    assert resumed(Place({0: 5}, before), {0: 1}, {0: ends}, now) == ([(None, ANEW)], {0: 1})


@pytest.mark.parametrize(("before", "now"), [(None, TOPIC), (TOPIC, None)])
def test_a_broker_that_begins_or_ceases_to_say_which_topic_it_is_changes_nothing(before, now):
    assert resumed(Place({0: 5}, before), {0: 0}, {0: 5}, now) == ([], {0: 5})
