"""The sample that fields are judged by has of everything that comes, however the batches are cut."""

import pyarrow as pa
import pytest

from sources.batch import TIME, TIME_TYPE
from state.sample import LATER, ROWS, Sample
from state.schema import Schema

METRICS = 507
SCRAPES = 300


@pytest.mark.parametrize("rows", [20, 60, LATER, LATER + 1, 507, 1000, 3000])
def test_of_batches_that_all_begin_alike_the_sample_keeps_every_part(rows):
    sample = Sample()
    for at in range(2 * ROWS // min(rows, LATER)):
        sample.update(pa.table({"place": range(rows), "batch": [at] * rows}))
    held = sample.table()
    often = [held["place"].to_pylist().count(place) for place in (0, rows // 2, rows - 1)]
    assert 0.9 * ROWS <= len(held) <= ROWS
    assert min(often) > 0.5 * max(often) > 0
    assert held["batch"].to_pylist() == sorted(held["batch"].to_pylist())


def test_the_first_measure_of_a_scraped_feed_stays_though_it_stands_at_the_end_of_each_scrape():
    schema, first = Schema(), []
    names = [f"part_{at}_bytes" for at in range(METRICS - 1)] + ["node_load1"]
    for scrape in range(SCRAPES):
        values = [float((at * 7 + scrape * (1 + at % 5)) % 1000) for at in range(METRICS)]
        at_us = pa.array([scrape * 1_000_000] * METRICS, TIME_TYPE)
        schema.update(pa.table({TIME: at_us, "metric": names, "value": values}))
        first.append(schema.offer.measures[0].name)
    assert set(first[30:]) == {first[30]} == {"node_load1"}
