import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.series import NAMELESS, OTHER, SeriesIndex

NAMES = st.lists(st.none() | st.sampled_from(["pump", "fan", "saw", "", OTHER, NAMELESS]), max_size=30)


def strings(*names: str | None) -> pa.Array:
    return pa.array(names, pa.string())


@given(st.lists(NAMES, max_size=5))
def test_every_name_keeps_its_code_over_batches(batches: list[list[str | None]]) -> None:
    index = SeriesIndex()
    for batch in batches:
        codes = index.encode(strings(*batch))
        assert codes.dtype == np.int32
        assert [index.names[code] for code in codes] == [NAMELESS if name is None else name for name in batch]
    assert len(set(index.names)) == len(index.names)


def test_chunks_share_one_coding() -> None:
    index = SeriesIndex()
    assert index.encode(pa.chunked_array([["a", "b"], ["b", "c"]])).tolist() == [0, 1, 1, 2]
    assert index.encode(pa.chunked_array([], pa.string())).tolist() == []


@given(NAMES, NAMES)
def test_a_name_is_found_if_it_has_a_code_and_gets_none(known: list[str | None], asked: list[str | None]) -> None:
    index = SeriesIndex()
    codes = dict(zip(known, index.encode(strings(*known)).tolist(), strict=True))
    codes = {NAMELESS if name is None else name: code for name, code in codes.items()}
    expected = [codes.get(NAMELESS if name is None else name, -1) for name in asked]
    assert index.find(strings(*asked)).tolist() == expected
    assert index.find(strings(*asked).dictionary_encode()).tolist() == expected
    assert len(index.names) == len(codes)


def test_names_past_the_limit_are_other_and_known_names_stay() -> None:
    index = SeriesIndex(max_series=2)
    index.encode(strings("a", "b"))
    assert [index.names[code] for code in index.encode(strings("c", "a", "d", None))] == [OTHER, "a", OTHER, OTHER]


def test_a_series_that_is_really_called_other_is_told_from_the_pool() -> None:
    index = SeriesIndex(max_series=2)
    assert index.encode(strings(OTHER, "a", "b", OTHER)).tolist() == [0, 1, 2, 0]
    assert (index.names, index.pool) == ([OTHER, "a", OTHER], 2)
    index.release([2])
    assert index.encode(strings(OTHER)).tolist() == [0]


def test_a_code_can_pass_to_another_name() -> None:
    index = SeriesIndex(max_series=2)
    index.encode(strings("a", "b", "c"))
    index.replace(0, "c")
    assert index.encode(strings("a", "b", "c")).tolist() == [2, 1, 0]
    assert "c" in index
    assert "a" not in index


def test_unbounded_identifiers_leave_memory_bounded() -> None:
    index = SeriesIndex(max_series=10)
    for batch in range(20):
        codes = index.encode(pa.array([f"id-{batch}-{row}" for row in range(500)]))
        assert codes.max() <= 10
    assert len(index.names) == 11
    assert len(index._codes) == 10


def test_released_codes_are_given_out_again_and_the_others_stay() -> None:
    index = SeriesIndex(max_series=3)
    index.encode(strings("a", "b", "c", "d"))
    index.release(np.array([0, 3]))
    assert index.names == ["", "b", "c", ""]
    assert index.encode(strings("b", "e", "f")).tolist() == [1, 0, 3]
    assert index.names == ["e", "b", "c", OTHER]


def test_releasing_a_code_twice_does_not_give_it_out_twice() -> None:
    index = SeriesIndex()
    index.encode(strings("a"))
    index.release([0])
    index.release([0])
    assert index.encode(strings("b", "c")).tolist() == [0, 1]


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="max_series is 0"):
        SeriesIndex(max_series=0)
