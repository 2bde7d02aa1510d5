import numpy as np
import pytest

from state.choice import Choice
from state.measure import Measure, Parts
from tests.state.lens_by_hand import at_second, give, lens_at, look, table_of

MEASURES = (
    Measure("load", "value", where=("name:eq:load",)),
    Measure("orders", "value", where=("name:eq:orders",), kind="amount"),
    Measure("bytes", "value", where=("name:eq:bytes",), kind="counter"),
    Measure("latency", "", parts=Parts(count="n", mean="avg")),
)
AT = [0, 0, 0, 1, 1, 2, 2]
COLUMNS = {
    "name": ["load", "load", "bytes", "bytes", "orders", "bytes", "orders"],
    "host": ["a", "b", "a", "a", "a", "a", "b"],
    "value": ["1", "2", "100", "120", "5", "140", "6"],
    "n": [1, 3, 0, None, 2, 0, 0],
    "avg": [10.0, 20.0, None, None, 4.0, None, None],
}


def frame_of(**options):
    lens = lens_at(Choice("", "host", "count", window_s=4, points=4, overview=MEASURES, **options), 3)
    give(lens, table_of(AT, **COLUMNS))
    return look(lens)


def test_each_measure_has_its_usual_aggregate_of_all_series_together():
    shown = frame_of(identity=("host",)).overview
    assert list(shown) == ["load", "orders", "bytes", "latency"]
    nan = np.nan
    np.testing.assert_array_equal(shown["load"], [1.5, nan, nan, nan])
    np.testing.assert_array_equal(shown["orders"], [nan, 5, 6, 0])
    np.testing.assert_array_equal(shown["bytes"], [20, 20, nan, nan])
    np.testing.assert_array_equal(shown["latency"], [17.5, 4, nan, nan])


def test_it_keeps_to_the_boards_filters():
    shown = frame_of(where=("host:eq:b",)).overview
    np.testing.assert_array_equal(shown["load"][:1], [2.0])
    np.testing.assert_array_equal(shown["latency"][:2], [20, np.nan])
    assert np.isnan(shown["bytes"]).all()


def test_it_does_not_keep_to_the_filters_of_the_chosen_measure():
    frame = frame_of(measure=MEASURES[1])
    assert frame.window_events == 2
    np.testing.assert_array_equal(frame.overview["load"][:1], [1.5])


@pytest.mark.parametrize("choice", [Choice("value"), Choice("value", overview=MEASURES)])
def test_without_events_every_course_is_missing(choice):
    shown = look(lens_at(choice, 3)).overview
    assert len(shown) == len(choice.overview)
    assert all(np.isnan(course).all() and len(course) == choice.buckets for course in shown.values())


def test_counters_side_by_side_grow_as_each_does_alone_though_some_fall_silent():
    rng = np.random.default_rng(3)
    rows = 4000
    at = np.sort(rng.uniform(0, 200, rows))
    columns = {
        "host": [f"h{int(second) // 25}-{which}" for second, which in zip(at, rng.integers(0, 5, rows), strict=True)],
        "name": rng.choice(["bytes", "orders", "load"], rows).tolist(),
        "value": rng.integers(0, 1000, rows).astype(float),
        "sent": [second * 5.0 for second in at],
    }
    measures = (
        Measure("bytes", "value", where=("name:eq:bytes",), kind="counter"),
        Measure("orders", "value", where=("name:eq:orders",), kind="counter"),
        Measure("sent", "sent", kind="counter"),
        Measure("quick", "sent", where=("sent:ge:300",), kind="counter"),
    )

    def courses(*shown):
        choice = Choice(
            "bytes", "", "rate", window_s=40, points=40, measure=measures[0], identity=("host",), overview=shown
        )
        lens = lens_at(choice, 0)
        for second in range(0, 200, 10):
            lens.advance(at_second(second + 10))
            mine = np.flatnonzero((at >= second) & (at < second + 10))
            give(lens, table_of(at[mine], **{name: [each[i] for i in mine] for name, each in columns.items()}))
        return look(lens).overview

    together = courses(*measures)
    for measure in measures:
        assert np.isfinite(together[measure.name]).any()
        np.testing.assert_allclose(together[measure.name], courses(measure)[measure.name])
