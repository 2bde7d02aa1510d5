"""One event whole: nothing of it is lost, and nothing of it is more than text."""

import json
import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.state.lens_by_hand import table_of
from views.event_json import MOST_CHARS, event_json, nested

names = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=4).map(".".join)


def leaves(tree, prefix=""):
    found = {}
    for name, value in tree.items():
        found |= leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


@given(st.dictionaries(names, st.integers(), max_size=8))
def test_no_field_is_lost_in_its_object(fields):
    assert leaves(nested(fields)) == fields


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_keep_all_digits(number):
    assert json.loads(event_json(pa.table({"id": [number]}))) == {"id": number}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_fractions_come_back_the_same(number):
    assert json.loads(event_json(pa.table({"load": [number]}))) == {"load": number}


@given(st.text())
def test_any_text_comes_back_the_same_and_can_be_sent(text):
    try:
        expected = json.loads(text) if text[:1] in ("[", "{") else text
    except ValueError:
        expected = text
    shown = event_json(pa.table({"text": pa.array([text], pa.string())}))
    shown.encode()
    assert json.loads(shown) == {"text": expected}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[9007199254740993, 1.5]", [9007199254740993, 1.5]),
        ('{"a": {"b": [1]}}', {"a": {"b": [1]}}),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ("[not json", "[not json"),
        ("[" * 50_000, "[" * 50_000),
        (f"[{'9' * 5000}]", f"[{'9' * 5000}]"),
        ("12", "12"),
    ],
)
def test_text_that_holds_a_list_or_an_object_is_shown_as_that_unless_it_would_lose(text, meant):
    assert json.loads(event_json(pa.table({"text": [text]}))) == {"text": meant}


def test_half_a_character_does_not_stop_the_page():
    shown = event_json(pa.table({"text": [r'["\ud800"]']}))
    shown.encode()
    assert json.loads(shown) == {"text": ["\ud800"]}


def test_text_cannot_turn_round_what_stands_after_it():
    assert "\u202e" not in event_json(pa.table({"text": ["abc\u202edef"]}))


def test_what_is_null_is_left_out_and_what_is_no_number_is_not():
    event = table_of(
        [1], none=pa.array([None], pa.int64()), load=[math.nan], ok=[True], _offset=[5], _rest=['{"x": 1}']
    )
    assert event_json(event) == '{\n  "load": NaN,\n  "ok": true,\n  "_rest": {\n    "x": 1\n  }\n}'


def test_a_huge_event_is_cut_and_says_so():
    shown = event_json(pa.table({"text": ["x" * (MOST_CHARS + 1)]}))
    assert len(shown) < MOST_CHARS + 100
    assert shown.endswith("the first 100,000 of 100,017 characters")


def test_instants_are_iso():
    event = table_of([1], other=pa.array([1_500_000], pa.timestamp("us", "UTC")))
    assert json.loads(event_json(event)) == {"other": "1970-01-01T00:00:01.500000Z"}
