"""A board's first choice stays what it is, however the messages come: in a few batches or one by one."""

from itertools import groupby

import pytest

from state.schema import Offer
from tests.feeds.corpus import FeedSample, corpus
from tests.feeds.reading import read

pytestmark = pytest.mark.slow

SETTLED = 16
"""Of so many events on, a choice that was left is not come back to: fewer may tell nothing yet."""


def shown(offer: Offer) -> tuple[str, str]:
    """The first measure and the split."""
    return next((each.name for each in offer.measures), ""), offer.split


@pytest.mark.parametrize("sample", [pytest.param(each, id=each.name) for each in corpus()])
def test_a_feed_that_comes_message_by_message_is_read_as_in_a_few_batches(sample: FeedSample) -> None:
    one_by_one, batches = read(sample, len(sample.messages)), read(sample)
    assert (one_by_one.time, one_by_one.unit, one_by_one.rows) == (batches.time, batches.unit, batches.rows)
    assert shown(one_by_one.offer) == shown(batches.offer)
    course = [shown(offer) for rows, offer in one_by_one.course if rows >= SETTLED]
    runs = [choice for choice, _ in groupby(course)]
    assert len(runs) == len(set(runs)), f"back and forth: {runs}"
