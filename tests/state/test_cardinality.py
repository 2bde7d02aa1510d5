from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from state.cardinality import Crowd

COUNTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcdef"), st.integers(1, 50)), max_size=40)


def crowded(rows):
    crowd = Crowd()
    for number, name, count in rows:
        crowd.update(number, [name], [count])
    return crowd


@given(COUNTS, st.integers(0, 4), st.integers(1, 100))
@settings(deadline=None)
def test_few_names_are_counted_exactly_slice_by_slice(rows, oldest, least):
    crowd = crowded(rows)
    crowd.expire(oldest)
    rows = [row for row in rows if row[0] >= oldest]
    truth, slices = Counter(), Counter()
    for number, name, count in rows:
        truth[name] += count
        slices[name, number] += count
    for name in "abcdef":
        expected = {number: (count, count) for (of, number), count in slices.items() if of == name}
        assert crowd.bounds(name) == expected
    # A name in small portions may be passed over where its share of one slice is a single event.
    assert crowd.frequent(least) == {
        name: count
        for name, count in truth.items()
        if count > least and (max(slices[name, number] for number in range(4)) > max(1, least // max(1, len(crowd))))
    }
    assert round(crowd.distinct()) == len(truth)


def test_of_many_names_the_frequent_are_found_their_counts_bounded_and_all_of_them_estimated():
    rng = np.random.default_rng(5)
    crowd = Crowd()
    truth = Counter()
    for batch in range(50):
        names = [f"id-{batch}-{row}" for row in range(4_000)]
        counts = rng.integers(1, 3, len(names)).tolist()
        names += ["often", "oftener"]
        counts += [100, 300]
        crowd.update(batch // 10, names, counts)
        truth.update(dict(zip(names, counts, strict=True)))
    assert list(crowd.frequent(2_000)) in (["often", "oftener"], ["oftener", "often"])
    for name in ("often", "oftener", "id-0-0", "id-49-9"):
        bounds = crowd.bounds(name).values()
        assert sum(each.low for each in bounds) <= truth[name] <= sum(each.high for each in bounds)
    assert abs(crowd.distinct() / len(truth) - 1) < 0.03
    assert max(frequencies.num_active_items for frequencies, _ in crowd._slices.values()) <= 3_072
