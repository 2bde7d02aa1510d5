import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from state.identity import Identities
from tests.state.dictionaries import indices, stored

LABELS = st.none() | st.sampled_from(["a", "b", "", "\x1f", "a\x1fb"])
ROWS = st.lists(st.tuples(LABELS, LABELS, LABELS), min_size=1, max_size=30)


def columns(rows):
    return [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


@given(st.lists(ROWS, max_size=5), indices)
def test_equal_rows_share_a_code_and_others_do_not_whatever_the_storage(batches, index):
    identities, twin = Identities(), Identities()
    seen = {}
    for rows in batches:
        codes = identities.encode(columns(rows), len(rows))
        for row, code in zip(rows, codes.tolist(), strict=True):
            assert seen.setdefault(row, code) == code
        table = stored(pa.table(dict(zip("xyz", columns(rows), strict=True))), index, spare=("spare",))
        kept = [column.chunk(0) for column in table.columns]
        np.testing.assert_array_equal(twin.encode(kept, len(rows)), codes)
    assert len(set(seen.values())) == len(seen) == len(identities)


def test_past_the_limit_there_is_no_code_until_another_is_released():
    identities = Identities(limit=2)
    assert identities.encode([pa.array(["a", "b", "c"])], 3).tolist() == [0, 1, -1]
    identities.release(np.array([0, 0]))
    assert identities.taken().tolist() == [False, True]
    assert identities.encode([pa.array(["c", "b", "a"])], 3).tolist() == [0, 1, -1]


def test_very_many_fields_of_many_labels_are_told_apart():
    rng = np.random.default_rng(1)
    fields = [pa.array(rng.permutation(500).astype(str)) for _ in range(9)]
    assert len(set(Identities().encode(fields, 500).tolist())) == 500
