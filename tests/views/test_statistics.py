"""How the statistics of a span are told."""

import re

import pytest

from state.choice import Choice
from state.measure import Measure, Parts
from state.statistics import Line, Statistics, Summary
from tests.views.sample_frames import HOSTILE
from tests.views.test_panel_contract import Tags
from views.statistics import change, figures, payload

NOW = Summary(1200, 20.0, 84.04, 1.0, 200.0, 100_848.0, 80.0, 150.0, 190.0)
BEFORE = Summary(1000, 16.7, 84.04, 2.0, 100.0, 84_040.0, 80.0, 170.0, 0.0)
EVERY = Line("", NOW, BEFORE)


def shown(statistics, choice):
    text = payload(statistics, choice).text
    assert not Tags(text).open
    return text


def test_all_series_come_first_and_the_rest_last():
    series = (Line("a", NOW, BEFORE), Line("b", NOW, BEFORE))
    text = shown(Statistics(300.0, EVERY, series, Line("", NOW, BEFORE), 42), Choice("latency_ms", "host"))
    assert re.findall(r'<th title="([^"]*)"', text) == ["all series", "a", "b", "42 more"]
    assert "latency_ms (ms)" in text
    assert "against the 5 min before" in text


def test_a_span_before_that_is_not_held_is_said_and_nothing_compared():
    text = shown(Statistics(60.0, Line("", NOW, None)), Choice("latency_ms", "host"))
    assert "the 1 min before are not wholly held" in text
    assert not set("↗↘→") & set(text)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (120, 100, "↗ +20 %"),
        (80, 100, "↘ \N{MINUS SIGN}20 %"),
        (103, 100, "↗ +3.0 %"),
        (100, 100, "→ ±0"),
        (5, 0, "↗ from 0"),
        (2000, 100, "↗ +1,900"),
        (100_001, 100_000, "→ ±0"),
    ],
)
def test_a_change_is_told_as_a_person_reads_it(now, before, said):
    assert change(Line("", Summary(now, 0.0), Summary(before, 0.0)), "count") == said


def test_a_figure_that_is_not_known_has_no_change():
    assert change(Line("", NOW, Summary(0, 0.0)), "mean") == "&nbsp;"


def test_a_feed_without_a_measure_has_events_alone():
    assert figures(Choice("", "host", "count")) == ("count", "rate")
    assert "mean" not in shown(Statistics(60.0, EVERY), Choice("", "host", "count"))


def test_only_what_adds_up_has_a_sum():
    amount = Choice("quantity", measure=Measure("quantity", "quantity", kind="amount"))
    assert figures(amount)[-1] == "sum"
    assert "sum" not in figures(Choice("latency_ms"))


def test_percentiles_of_rows_that_are_aggregates_are_called_so():
    choice = Choice("latency", measure=Measure("latency", "", parts=Parts(count="n", sum="s")))
    assert "percentiles of the rows&#x27; means" in shown(Statistics(60.0, EVERY), choice)


def test_of_a_counter_its_increases_are_told():
    choice = Choice("sent", agg="rate", measure=Measure("sent", "sent", kind="counter", unit="B"))
    text = shown(Statistics(60.0, EVERY), choice)
    assert "<th>increases" in text
    assert "sent per second (B/s)" in text


def test_no_name_becomes_markup():
    series = tuple(Line(name, NOW, BEFORE) for name in HOSTILE)
    text = shown(Statistics(60.0, EVERY, series), Choice(HOSTILE[0], HOSTILE[0]))
    assert HOSTILE[0] not in text
    assert "script" not in Tags(text).seen
