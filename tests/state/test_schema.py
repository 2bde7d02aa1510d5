"""What a feed offers follows its events, calmly, and in bounded memory and time."""

import numpy as np
import pyarrow as pa
import pytest

from state.long_feed import MAX_METRICS
from state.measure import Parts
from state.sample import BYTES, ROWS, TOLD_BY, Sample
from state.schema import MAX_FIELDS, Schema


def learn(*tables, time_field=""):
    schema = Schema()
    schema.time_field = time_field
    for table in tables:
        schema.update(pa.table(table))
    return schema.offer


def names(offer):
    return [each.name for each in offer.measures]


def test_the_time_field_and_the_transports_numbers_are_no_measures():
    offer = learn({"ts": [1.7e9], "cpu": [0.5], "_offset": [7], "_partition": [0]}, time_field="ts")
    assert names(offer) == ["cpu"]
    assert offer.dimensions == ("_partition",)


def test_a_repeated_name_stays_a_dimension_however_many_events():
    offer = learn(*[{"host": ["a", "b", "c"] * 100, "load": [0.1] * 300}] * 5)
    assert offer.dimensions == ("host",)
    assert offer.split == "host"


def test_a_name_that_never_varies_is_not_split_by():
    assert learn({"env": ["prod"] * 50, "host": ["a", "b"] * 25}).split == "host"
    assert learn({"env": ["prod"] * 50}).split == ""


def test_a_field_of_numbers_that_turns_into_text_is_revised():
    offer = learn({"x": [1, 2]}, {"x": ["high", "low"] * 20})
    assert names(offer) == []
    assert "mixed types" in {name: why for name, _, why in offer.roles}["x"]


def test_memory_is_bounded_in_fields():
    offer = learn({f"f{n}": [1] for n in range(MAX_FIELDS + 50)})
    assert len(offer.fields) == MAX_FIELDS


def test_a_sample_is_bounded_in_rows_whatever_the_batches():
    sample = Sample()
    for size in (1, 7, 3000, 20_000) * 10:
        sample.update(pa.table({"x": range(size)}))
    assert len(sample.table()) <= ROWS


def test_a_sample_of_very_many_fields_has_fewer_rows():
    sample = Sample()
    for n in range(60):
        sample.update(pa.table({f"f{n}-{each}": [1.0] * 500 for each in range(20)}))
    assert sample.table().nbytes < 20e6


def test_long_strings_are_told_apart_by_their_beginning_and_take_no_memory():
    sample = Sample()
    sample.update(pa.table({"x": [f"{n}{'x' * 1_000_000}" for n in range(3)]}))
    assert max(map(len, sample.table()["x"].to_pylist())) == TOLD_BY
    assert sample.table().nbytes < 4 * TOLD_BY


def test_names_are_whole_though_they_are_long():
    sample = Sample()
    sample.update(pa.table({"x": ["a" * 125, "b" * TOLD_BY, "é" * (TOLD_BY - 1)]}))
    assert sample.table()["x"].to_pylist() == ["a" * 125, "b" * TOLD_BY, "é" * (TOLD_BY - 1)]


@pytest.mark.parametrize("texts", [1, 50])
def test_a_sample_of_long_texts_is_bounded_in_bytes_and_follows_the_newest(texts):
    sample = Sample()
    for n in range(40):
        columns = {f"x{each}": ["x" * 5000] * 500 for each in range(texts)}
        sample.update(pa.table({"n": [n] * 500, **columns}))
        assert sample._bytes == sum(table.nbytes for table in sample._tables) <= BYTES
    assert len(sample.table()) > BYTES / 3 / (texts * TOLD_BY)
    assert sample.table()["n"][-1].as_py() == 39


def test_a_full_sample_follows_the_newest_events():
    sample = Sample()
    for n in range(ROWS // 100 + 50):
        sample.update(pa.table({"x": [n] * 1000}))
    assert sample.table()["x"][-1].as_py() == ROWS // 100 + 49


def test_the_offer_is_renewed_when_a_field_is_new_and_when_events_have_doubled_and_else_stands():
    schema = Schema(clock=lambda: 0.0)
    offers = []
    for n in range(64):
        schema.update(pa.table({"cpu": [n / 7]} if n != 40 else {"cpu": [0.5], "mem": [0.5]}))
        offers.append(schema.offer)
    renewed = [n for n in range(1, 64) if offers[n] is not offers[n - 1]]
    assert renewed == [1, 3, 7, 15, 31, 40, 63]


def test_an_offer_without_news_equals_the_one_before():
    schema, table = Schema(), pa.table({"host": ["a", "b"] * 500, "cpu": [0.1, 0.7] * 500, "ok": [True, False] * 500})
    schema.update(table)
    before = schema.offer
    for _ in range(20):
        schema.update(table)
    assert schema.offer == before


def test_new_fields_by_the_dozen_are_not_each_cause_for_a_look():
    now = [0.0]

    def clock():
        now[0] += 0.05  # a look takes so long
        return now[0]

    schema, looks = Schema(clock), 0
    for n in range(200):
        before = schema.offer
        schema.update(pa.table({f"field-{n}": [1.0], "value": [0.5]}))
        looks += schema.offer is not before
    assert looks < 40


def test_a_measure_that_comes_seldom_stays_on_offer():
    schema = Schema()
    schema.update(pa.table({"rare": [0.5, 0.25], "often": [0.1, 0.2]}))
    for _ in range(20):
        schema.update(pa.table({"often": [0.1, 0.2] * 500}))
    assert set(names(schema.offer)) == {"often", "rare"}


def test_a_seldom_metric_of_a_long_feed_stays_on_offer():
    schema = Schema()
    schema.update(pa.table({"metric": ["rare", "often"], "value": [0.5, 0.25]}))
    for _ in range(20):
        schema.update(pa.table({"metric": ["often"] * 1000, "value": [0.1, 0.2] * 500}))
    assert set(names(schema.offer)) == {"often", "rare"}


def test_a_counter_is_found_as_its_steps_come_in():
    schema = Schema()
    schema.update(pa.table({"host": ["a"], "requests_total": [100]}))
    assert schema.offer.measures[0].kind != "counter"
    for n in range(1, 20):
        schema.update(pa.table({"host": ["a"], "requests_total": [100 + 3 * n]}))
    assert schema.offer.measures[0].kind == "counter"


def test_rows_that_are_aggregates_are_one_measure():
    table = {"rtt.count": [2, 3], "rtt.sum": [4.0, 9.0], "rtt.min": [1.0, 2.0], "rtt.max": [3.0, 4.0], "up": [0.5, 1.5]}
    offer = learn(table)
    assert names(offer)[0] == "rtt"
    assert set(names(offer)) == {"rtt", "up"}
    assert offer.measure("rtt").parts == Parts("rtt.count", "rtt.sum", "rtt.min", "rtt.max")


@pytest.mark.parametrize("field", ["rtt.count", "rtt.sum"])
def test_the_parts_of_a_measure_say_what_they_belong_to(field):
    offer = learn({"rtt.count": [2, 3], "rtt.sum": [4.0, 9.0], "rtt.min": [1.0, 2.0]})
    assert {name: why for name, _, why in offer.roles}[field] == "part of rtt, which comes aggregated"


def scrapes(many, names, seed=0):
    """So many scrapes of metrics, of which some change and some do not, of one to three series each."""
    rng = np.random.default_rng(seed)
    for _ in range(many):
        rows = [
            (name, str(part), float(at % 3 == 0) or rng.random())
            for at, name in enumerate(names)
            for part in range(1 + at % 3)
        ]
        metric, part, value = zip(*rows, strict=True)
        yield pa.table({"metric": metric, "part": part, "value": value})


def orders(tables):
    """The names that were offered after each table."""
    schema = Schema(clock=lambda: 0.0)
    for table in tables:
        schema.update(table)
        yield names(schema.offer)


def test_measures_of_a_long_feed_keep_their_places_from_the_sixteenth_scrape_on():
    metrics = [f"{what}_{n}" for n in range(60) for what in ("load", "limit", "bytes_total", "heap")]
    found = list(orders(scrapes(130, metrics)))
    assert found[-1] == found[15] != found[0]
    assert set(found[0]) == set(metrics)


def test_a_metric_that_is_new_takes_its_place_behind_the_first_and_moves_no_other():
    metrics = [f"heap_{n}" for n in range(60)]
    before, after = list(orders([*scrapes(20, metrics), *scrapes(60, ["load", *metrics])]))[19::60]
    assert "load" in after
    assert after[0] == before[0]
    assert [each for each in after if each != "load"] == before


def test_a_metric_that_begins_to_change_leaves_its_place_behind_all_others_and_none_else_does():
    def table(at):
        values = {"heap": at * 7919 % 101, "load": max(0, at - 40), "used": at * 31 % 17, "flags": 3, "size": at % 5}
        return pa.table({"metric": list(values), "value": list(map(float, values.values()))})

    found = list(orders(table(at) for at in range(130)))
    assert found[15] == ["heap", "used", "size", "load", "flags"]
    assert found[-1] == ["heap", "load", "used", "size", "flags"]


def test_the_order_is_judged_anew_where_the_first_is_there_no_more():
    many = ROWS // 2
    found = list(orders([*scrapes(20, ["used", "load", "heap"]), *scrapes(many, ["heap", "cpu"])]))
    assert found[19][0] == "load"
    assert found[-1][0] == "cpu"
    assert "load" in found[-1]


def test_measures_of_a_wide_feed_keep_their_places_once_many_values_were_seen():
    rng = np.random.default_rng(1)

    def table(at):
        numbers = {f"{name}_{n}": [float(rng.random())] for n in range(9) for name in ("temperature", "limit", "width")}
        return pa.table({**numbers, "seldom": pa.array([1.5 if at % 50 == 0 or at > 600 else None])})

    found = list(orders(table(at) for at in range(1100)))
    assert found[-1] == found[300]


def test_what_was_offered_stays_so_however_many_metrics_come_later():
    first = [f"heap_{n}" for n in range(50)]
    later = [f"load_{n}" for n in range(MAX_METRICS)]
    found = list(orders([*scrapes(20, first), *scrapes(30, [*first, *later])]))[-1]
    assert len(found) == MAX_METRICS
    assert set(first) <= set(found)


def test_a_measure_that_turns_out_to_count_messages_is_no_longer_offered():
    rng = np.random.default_rng(1)

    def table(at, numbers):
        return pa.table({"load": rng.random(1000), "n": 1000 * at + numbers})

    shuffled = [table(at, rng.permutation(1000)) for at in range(4)]
    found = list(orders([*shuffled, *(table(at, np.arange(1000)) for at in range(4, 32))]))
    assert found[3] == ["load", "n"]
    assert found[-1] == ["load"]
