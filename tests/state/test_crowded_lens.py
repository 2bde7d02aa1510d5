"""A board of a million series: bounded, and right about those that matter."""

import gc
from collections import Counter, deque

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from state.choice import Choice
from tests.state.lens_by_hand import at_second, give, lens_at, look, table_of

WINDOW = 30
BATCH = 16_384
SECONDS = 64
PLANTED = {"pump": 800, "fan": 400, "saw": 200}
"""Events a second of three names among a million that come once, from second 20 on."""


def names_at(second):
    names = [f"host-{second}-{row}" for row in range(BATCH)]
    if second >= 20:
        names += [name for name, events in PLANTED.items() for _ in range(events)]
    return names


@pytest.mark.slow
@pytest.mark.parametrize("agg", ["count", "p95"])
def test_frequent_names_that_come_late_among_a_million_get_their_place(agg):
    lens = lens_at(Choice("value", "host", agg, window_s=WINDOW, points=WINDOW), 0)
    recent = deque(maxlen=WINDOW)
    shown_before, sizes = {}, []
    for second in range(SECONDS):
        lens.advance(at_second(second))
        names = names_at(second)
        give(lens, table_of([second] * len(names), host=names, value=[1.0] * len(names)))
        frame = look(lens)
        recent.append(len(names) - BATCH)
        if second in (40, SECONDS - 1):
            gc.collect()
            sizes.append(psutil.Process().memory_info().rss)
        codes = lens._roster._index._codes
        held = {name: int(lens._rollup.held[codes[name]]) for name in PLANTED if name in codes}
        if second > 21:
            assert set(held) == set(PLANTED)
        for name, shown in held.items():
            true = PLANTED[name] * min(second - 19, WINDOW)
            assert shown <= true <= shown + frame.unsure.get(name, 0)
            if name in shown_before and second < 50:
                assert shown == shown_before[name] + PLANTED[name]
        shown_before = held
        assert frame.series <= 1000
        if agg == "count":
            everything = min(second + 1, WINDOW) * BATCH + sum(recent)
            assert np.nansum(frame.other) + np.nansum(frame.values) == frame.window_events == everything
        if second < WINDOW:
            assert frame.distinct == pytest.approx(BATCH * (second + 1), rel=0.03)
        else:  # up to an eighth of the window more than it holds
            assert BATCH * WINDOW * 0.97 < frame.distinct < BATCH * WINDOW * 1.03 * 9 / 8
        assert frame.others == round(frame.distinct) - sum(slot is not None for slot in frame.slots)
    assert sizes[1] - sizes[0] < 20e6  # 380,000 names more
    assert set(PLANTED) <= set(frame.slots)
    assert not set(PLANTED) & set(frame.unsure)
    assert {name: frame.totals[name] for name in PLANTED} == (
        {name: events * WINDOW for name, events in PLANTED.items()} if agg == "count" else dict.fromkeys(PLANTED, 1.0)
    )


def test_up_to_the_limit_all_series_are_told_apart_and_counted_exactly():
    lens = lens_at(Choice("value", "host", "count", window_s=WINDOW), 0)
    names = [f"host-{row:03}" for row in range(1000)]
    give(lens, table_of([0] * 3000, host=names * 3, value=[1.0] * 3000))
    frame = look(lens)
    assert (frame.series, frame.distinct, frame.others, dict(frame.unsure)) == (1000, 1000.0, 992, {})
    assert np.nansum(frame.other) == 992 * 3


def test_a_series_that_is_called_other_is_none_of_the_others():
    lens = lens_at(Choice("value", "host", "count", window_s=WINDOW), 0)
    names = ["other"] * 500 + [f"host-{row}" for row in range(2000)]
    give(lens, table_of([0] * len(names), host=names, value=[1.0] * len(names)))
    frame = look(lens)
    assert frame.totals["other"] == 500
    assert "other" in frame.slots
    assert Counter(frame.slots)["other"] == 1
    assert np.nansum(frame.other) == 2000 - 7
