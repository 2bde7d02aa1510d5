"""What the fields are, and why."""

import pyarrow as pa
import pytest

from state.schema import MAX_DISTINCT, MAX_FIELDS, TOLD_BY, Schema


def learn(*tables):
    schema = Schema()
    for table in tables:
        schema.update(pa.table(table))
    return schema


@pytest.mark.parametrize(
    ("values", "role"),
    [
        ([1.5, 2.5], "measure"),
        ([1, 2], "measure"),
        ([True, False], "dimension"),
        (["a", "b"], "dimension"),
        ([f"user-{n}" for n in range(100)], "identifier"),
        (["word " * 20], "text"),
        ([None, None], "empty"),
        (pa.array([0]).cast(pa.timestamp("us", "UTC")), "time"),
    ],
)
def test_role_of_a_field(values, role):
    found, why = learn({"x": values}).fields["x"].role()
    assert found == role
    assert why


def test_an_integer_named_as_an_id_is_no_measure():
    assert learn({"user_id": [1, 2], "id": [3, 4], "load": [5, 6]}).measures() == ("load",)


def test_the_time_field_and_the_transports_numbers_are_no_measures():
    schema = learn({"ts": [1.7e9], "cpu": [0.5], "_offset": [7], "_partition": [0]})
    schema.time_field = "ts"
    assert schema.measures() == ("cpu",)
    assert schema.dimensions() == ("_partition",)


def test_a_repeated_name_stays_a_dimension_however_many_events():
    schema = learn(*[{"host": ["a", "b", "c"] * 100}] * 5)
    assert schema.dimensions() == ("host",)
    assert schema.default_dimension() == "host"


def test_a_name_that_never_varies_is_not_split_by():
    assert learn({"env": ["prod"] * 50, "host": ["a", "b"] * 25}).default_dimension() == "host"
    assert learn({"env": ["prod"] * 50}).default_dimension() == ""


def test_a_field_of_numbers_and_text_is_read_as_text():
    schema = learn({"x": [1, 2]}, {"x": ["high", "low"]})
    assert schema.measures() == ()
    assert schema.fields["x"].role()[1].startswith("mixed types")


def test_memory_is_bounded_in_fields_and_in_values():
    schema = learn({f"f{n}": [1] for n in range(MAX_FIELDS + 50)})
    assert len(schema.fields) == MAX_FIELDS
    seen = learn(*[{"x": [f"{batch}-{n}" for n in range(900)]} for batch in range(3)]).fields["x"]
    assert seen.distinct is None
    assert seen.role() == ("identifier", f"over {MAX_DISTINCT} distinct values")


def test_long_strings_are_told_apart_by_their_beginning_and_take_no_memory():
    seen = learn({"x": [f"{n}{'x' * 1_000_000}" for n in range(3)]}).fields["x"]
    assert len(seen.distinct) == 3
    assert max(map(len, seen.distinct)) == TOLD_BY
    assert seen.role()[0] == "text"
