"""Feeds that nothing was configured for are read as a careful person reads them."""

import pytest

from tests.feeds.corpus import FeedSample, corpus
from tests.feeds.reading import differences, read

KNOWN: dict[str, str] = {}
"""Feeds that are not read fully right, and why that stays so for now."""


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(
            each,
            id=each.name,
            marks=pytest.mark.xfail(reason=KNOWN[each.name], strict=True) if each.name in KNOWN else (),
        )
        for each in corpus()
    ],
)
def test_a_feed_is_read_as_a_careful_person_reads_it(sample: FeedSample) -> None:
    assert differences(sample, read(sample)) == []


def test_the_corpus_is_large_and_varied_enough_to_tell_anything() -> None:
    samples = corpus()
    assert len(samples) >= 25
    assert len({each.expected["format"] for each in samples}) >= 12
