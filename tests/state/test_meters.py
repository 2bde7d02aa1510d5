import numpy as np
import pyarrow as pa

from state.identity import MOST_COUNTERS
from state.meters import Meters

US = 1_000_000


def give(meters, second, names, values):
    meters.advance(second * US)
    table = pa.table({"host": names})
    zeros = np.zeros(len(names), np.int32)
    meters.update([table], np.full(len(names), second * US), zeros, np.array(values, float))


def test_counters_past_the_limit_are_valueless_and_the_known_ones_go_on():
    meters = Meters(US, 10, ("host", "", "host"))
    names = [f"host-{row}" for row in range(MOST_COUNTERS + 500)]
    for second in range(3):
        give(meters, second, names, np.full(len(names), 2.0 * second))
    assert meters.counters.skipped == 1500
    np.testing.assert_allclose(meters.counters.values([0])[-3:, 0], [2.0 * MOST_COUNTERS] * 2 + [np.nan])


def test_counters_that_have_fallen_silent_make_room():
    meters = Meters(US, 10, ("host",))
    for second in range(0, 100, 20):
        give(meters, second, [f"host-{second}-{row}" for row in range(MOST_COUNTERS)], np.ones(MOST_COUNTERS))
    assert meters.counters.skipped == 0
    assert len(meters._identities) == MOST_COUNTERS
    assert len(meters.counters.active()) <= 2 * MOST_COUNTERS


def test_a_counter_of_no_field_is_one():
    meters = Meters(US, 10, ())
    for second in range(3):
        give(meters, second, ["a"], [second * 5.0])
    np.testing.assert_allclose(meters.counters.values([0])[-3:-1, 0], 5.0)
