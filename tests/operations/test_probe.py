"""What a probe reads of a feed."""

import re

import pytest
from streamlit.runtime.stats import StatsProvider

from sources.errors import Unreachable
from state.feeds import Feeds
from state.reports import figures
from tests.errors.messages import ROOT
from tests.state.feeds_by_hand import ByHand, events, until
from views.probe import FAMILIES, UP, Metrics

OPERATIONS = (ROOT / "docs/OPERATIONS.md").read_text("utf-8")


@pytest.fixture
def feeds():
    feeds = Feeds()
    yield feeds
    feeds.close()


def texts(feeds, *families):
    return [stat.to_metric_str() for stats in Metrics(feeds).get_stats(families or None).values() for stat in stats]


def test_a_feed_is_up_while_it_is_read_and_down_while_its_source_is_away(feeds):
    source = ByHand("a name of nobody's business")
    feed = feeds.feed(source)
    source.give(events([1.0, 2.0]))
    until(lambda: feed.seen == 2 and feed.status.state == "live")
    feed.watch(1.0, "ann")
    feed.watch(5.0, "bob")
    feed.watch(1.0, "bob")
    label = f'feed="{feed.name}",source="by hand"'
    assert texts(feeds, UP) == [f'{UP}{{{label},state="live"}} 1']
    found = texts(feeds)
    assert f"pulseboard_feed_events{{{label}}} 2" in found
    assert f"pulseboard_feed_viewers{{{label}}} 2" in found
    assert not [text for text in found if "nobody" in text]
    source.give(Unreachable("away"))
    until(lambda: feed.status.state == "waiting")
    assert texts(feeds, UP) == [f'{UP}{{{label},state="waiting"}} 0']


def test_every_figure_but_the_rate_is_a_metric(feeds):
    source = ByHand()
    feed = feeds.feed(source)
    source.give(events([1.0]))
    until(lambda: feed.seen == 1)
    feed.lag = {"0": 1}
    known = {f"pulseboard_feed_{name}" for name in figures(feed, 0.0)} - {"pulseboard_feed_rate"}
    assert known | {UP} == set(FAMILIES)


def test_streamlit_takes_it_for_what_it_asks_for_metrics(feeds):
    assert isinstance(Metrics(feeds), StatsProvider)
    assert Metrics(feeds).get_stats(["another"]) == {}


def test_the_page_on_operations_has_every_figure_and_metric_and_no_other(feeds):
    feed = feeds.feed(ByHand())
    feed.lag, feed.times.newest_us = {"0": 1}, 1
    rows = [line for line in OPERATIONS.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", "|".join(row.split("|")[1:3]))}
    assert set(FAMILIES) == {name for name in named if name.startswith("pulseboard_")}
    figure_rows = [row for row in rows if "pulseboard_feed_" in row or row.startswith("| `rate`")]
    assert {*figures(feed, 0.0)} == {name for row in figure_rows for name in re.findall(r"^\| `(\w+)`", row)}
