"""What becomes of events after they are read, until a board is drawn."""

from collections.abc import Iterable
from functools import cache

import pyarrow as pa

from sources.batch import Batch
from state.board import Board
from state.feed import Feed
from state.live import Live
from tests.state.feeds_by_hand import ByHand

NOW = 1_714_564_800.0
"""Seconds since the epoch, when all of it happens."""


def on_a_board(made: Iterable[Batch]) -> None:
    """All that becomes of batches until they are drawn: event times, schema, memory, aggregates."""
    feed = Feed(ByHand(), clock=lambda: NOW)
    for batch in made:
        feed._take(batch, 0.0)
    offer = feed.schema.offer
    splits = ("", *offer.dimensions[:2])
    for measure in ("", *(each.name for each in offer.measures[:3])):
        for by in splits:
            Live(feed, Board(feed.source, value=measure, by=by).choice(offer), clock=lambda: NOW)._compute()


@cache
def fed() -> Feed:
    """A feed that filters of every kind can be applied to."""
    feed = Feed(ByHand(), clock=lambda: NOW)
    table = pa.table(
        {"time": [NOW, NOW + 1], "value": [1.5, None], "n": [2**63 - 1, 0], "host": ["a", "0.5"], "ok": [True, None]}
    )
    feed._take(Batch(table, NOW), 0.0)
    return feed
