"""What a reader of a table remembers of rows that may come again."""

import pytest

from sources import sql_overlap
from sources.sql_overlap import Overlap


def test_rows_that_may_come_again_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_overlap, "MOST_SEEN", 1_000)
    overlap = Overlap(0)
    for mark in range(1, 101):  # a second of a table that is written fast, before any of it has settled
        rows = [(mark, number) for number in range(100)]
        assert len(overlap.fresh([mark] * 100, rows)) == 100
        overlap.read(0.0, None, mark)
        assert sum(map(len, overlap._seen.values())) <= 1_000
    assert overlap.fresh([100] * 100, rows) == [], "the newest are remembered"
