"""Long feeds give one measure a metric; wide ones with a name among their labels stay wide."""

import pyarrow as pa
import pytest

from state.filters import apply, parse_filter
from state.inference import infer
from state.long_feed import MAX_METRICS
from state.measure import Parts
from state.sample import TOLD_BY, Sample

TURNS = range(60)


def of(**columns):
    return infer(pa.table(columns))


def names(inferred):
    return {each.name for each in inferred.measures}


def long(name="metric", value="value", metrics=("cpu", "mem", "disk"), **more):
    size = len(metrics)
    return of(
        **{name: [metrics[n % size] for n in TURNS], value: [10.0 ** (n % size) + n / 7 for n in TURNS]},
        host=["a", "a", "a", "b", "b", "b"] * 10,
        **more,
    )


@pytest.mark.parametrize(
    "name", ["metric", "metricName", "measurement", "labels.metric", "parameter", "variable", "kpi"]
)
@pytest.mark.parametrize("value", ["value", "val", "v", "reading", "metric_value"])
def test_each_metric_is_a_measure(name, value):
    found = long(name, value)
    assert names(found) == {"cpu", "mem", "disk"}
    assert {each.field for each in found.measures} == {value}
    assert found.split == "host"
    assert found.identity == ("host",)


def test_a_number_that_only_some_metrics_have_beside_the_value_changes_nothing():
    member = [n / 3 if n % 12 == 0 else None for n in TURNS]
    assert names(long(member=member)) == {"cpu", "mem", "disk"}
    always = [n / 3 for n in TURNS]
    assert names(long(member=always)) == {"value", "member"}


def test_a_metrics_filter_keeps_its_rows_whatever_its_name():
    odd = ["a:b", "c\\d", "e,f"]
    table = pa.table({"metric:name": [odd[n % 3] for n in TURNS], "value": [10.0 ** (n % 3) for n in TURNS]})
    for each in infer(table).measures:
        assert len(apply(map(parse_filter, each.where), table)) == len(TURNS) // 3


def test_kind_and_unit_are_those_that_the_metrics_events_say():
    found = long(
        metrics=("net", "mem", "login"),
        type=["counter", "gauge", "count"] * 20,
        unit=["By", "MiBy", "1"] * 20,
    )
    assert {each.name: (each.kind, each.unit) for each in found.measures} == {
        "net": ("counter", "B"),
        "mem": ("gauge", "MiB"),
        "login": ("amount", ""),
    }


def test_what_names_or_describes_the_measures_is_nothing_to_split_by():
    found = long(
        metrics=("net", "mem", "login"), type=["counter", "gauge", "count"] * 20, unit=["By", "MiBy", "1"] * 20
    )
    assert found.dimensions == ("host",)
    assert {name for name, each in found.roles.items() if each.role == "name"} == {"metric", "type", "unit"}


def test_where_there_is_nothing_else_the_names_of_the_measures_split():
    assert of(metric=["a", "b"] * 30, value=[1.5, 200.0] * 30).dimensions == ("metric",)


def test_the_name_that_tells_measures_apart_is_taken_and_not_one_that_is_always_the_same():
    found = long(metric_source_name=["ward 3"] * 60, measurement=["vitals"] * 60)
    assert names(found) == {"cpu", "mem", "disk"}
    found = long("field", metrics=("pulse", "weight", "sugar"), measurement=["vitals"] * 60)
    assert names(found) == {"pulse", "weight", "sugar"}


def test_a_metric_that_is_always_the_same_stays_the_name_beside_things_that_differ():
    found = of(metric=["pulse"] * 60, sensor=["a", "b", "c"] * 20, value=[60 + n % 7 / 3 for n in TURNS])
    assert names(found) == {"pulse"}


def test_without_a_type_the_kind_is_told_by_growth_within_the_metrics_series():
    rising = [100 * (n % 2) + 3 * n for n in TURNS]
    values = [rising[n] if n % 4 < 2 else 50 + 10 * (n % 3) for n in TURNS]
    found = of(metric=["in_bytes", "in_bytes", "load", "load"] * 15, value=values, host=["a", "b"] * 30)
    assert {each.name: each.kind for each in found.measures} == {"in_bytes": "counter", "load": "gauge"}


def test_rows_that_are_aggregates_are_measures_with_parts():
    found = of(
        metric=["cpu", "request"] * 30,
        value=[0.5, None] * 30,
        count=[None, 4] * 30,
        sum=[None, 10.0] * 30,
        min=[None, 1.0] * 30,
        max=[None, 5.0] * 30,
    )
    by_name = {each.name: each for each in found.measures}
    assert by_name["request"].parts == Parts("count", "sum", "min", "max")
    assert by_name["request"].where == ("metric:eq:request",)
    assert by_name["cpu"].parts is None


def test_each_metric_of_a_feed_of_nothing_but_aggregates_has_parts():
    found = of(
        stat_name=["wait", "pay"] * 30,
        store=["s1", "s1", "s2", "s2"] * 15,
        **{"value.count": [4, 1] * 30, "value.sum": [10.0, 900.0] * 30},
        **{"value.min": [1.0, 900.0] * 30, "value.max": [5.0, 900.0] * 30},
    )
    parts = Parts("value.count", "value.sum", "value.min", "value.max")
    assert {each.name: each.parts for each in found.measures} == {"wait": parts, "pay": parts}
    assert found.split == "store"


def test_a_wide_feed_with_a_name_among_its_labels_stays_wide():
    found = of(name=["a", "b"] * 30, cpu=[n / 7 for n in TURNS], mem=[n / 3 for n in TURNS])
    assert names(found) == {"cpu", "mem"}
    assert found.split == "name"


def test_things_that_all_measure_the_same_are_labels():
    found = of(sensor=["s1", "s2", "s3"] * 20, value=[20 + n % 7 / 3 for n in TURNS])
    assert names(found) == {"value"}
    assert found.split == "sensor"


def test_things_whose_rows_are_aggregates_of_the_same_are_labels():
    hot = [20 + n % 7 / 3 for n in TURNS]
    found = of(
        sensor=["s1", "s2", "s3"] * 20, count=[4 + n % 3 for n in TURNS], avg=hot, min=[18.5] * 60, max=[30.5] * 60
    )
    assert [(each.name, each.parts) for each in found.measures] == [("value", Parts("count", "", "min", "max", "avg"))]
    assert found.split == "sensor"


def test_metrics_that_hold_instants_are_none():
    began = 1_700_000_000.5
    found = of(
        metric=["jobs_total", "jobs_created", "boot_time_seconds", "cpu_time_ns"] * 30,
        value=[value for n in TURNS for value in (3.0 * n, began, began - 9, 1e9 + n)][:120],
    )
    assert names(found) == {"jobs_total", "cpu_time_ns"}


def test_sensors_that_measure_different_things_are_measures():
    assert names(long("sensor", metrics=("temperature", "humidity", "co2"))) == {"temperature", "humidity", "co2"}


def test_no_more_metrics_than_a_board_can_offer_and_the_most_active_first():
    rows = [f"m{n}" for n in range(MAX_METRICS + 100)] + ["busy"] * 50
    found = of(metric=rows, value=[float(n) for n in range(len(rows))])
    assert len(found.measures) == MAX_METRICS
    assert "busy" in names(found)


def test_of_too_many_metrics_those_that_never_change_and_those_that_nobody_looks_at_are_left_out():
    names_of = [f"{what}_{n}" for n in range(MAX_METRICS) for what in ("heap", "constant", "iface_id")]
    names_of = names_of[:900]
    rows = names_of * 9
    values = [7.0 if name.startswith("constant") else (n * 7919 % 101) / 3 for n, name in enumerate(rows)]
    offered = names(of(metric=rows, value=values))
    assert len(offered) == MAX_METRICS
    assert {name for name in names_of if name.startswith("heap")} <= offered
    assert not any(name.startswith("constant") for name in offered)


def test_what_names_many_things_of_one_metric_splits_another_of_which_it_names_few():
    parts = ["core0", "core1", *(f"process-{n}" for n in range(40))]
    found = of(metric=["cpu_pct"] * 2 + ["process_pct"] * 40, part=parts, value=[float(n) for n in range(42)])
    assert (found.measures[0].name, found.split) == ("cpu_pct", "part")


LEVELS = {"topic": "plant/{line}/{what}", "level_2": "{line}", "level_3": "{what}"}


@pytest.mark.parametrize("fields", [LEVELS, {**LEVELS, "topic": "{what}/{line}", "level_1": "{what}", "level_3": ""}])
def test_the_level_that_holds_quantities_names_the_measures_and_the_other_splits_them(fields):
    rows = [
        (f"line{line}", what) for _ in range(10) for line in (1, 2, 3) for what in ("temperature", "rpm_per_s", "load")
    ]
    columns = {
        name: [held.format(line=line, what=what) for line, what in rows] for name, held in fields.items() if held
    }
    found = of(**columns, value=[50.0 * len(what) + n / 7 for n, (_, what) in enumerate(rows)])
    assert names(found) == {"temperature", "rpm_per_s", "load"}
    assert found.split == "level_2"


def test_levels_without_quantities_leave_the_topic_its_name_but_where_one_says_as_much():
    sizes = [10.0 ** (n % 4) + n for n in TURNS]
    apart = {"level_2": ["a", "b"] * 30, "level_3": ["x", "x", "y", "y"] * 15}
    topics = ["/".join(each) for each in zip(*apart.values(), strict=True)]
    assert names(of(topic=topics, **apart, value=sizes)) == set(topics)
    topics = [f"all/{each}" for each in apart["level_2"]]
    sizes = [1000.0 ** (n % 2) + n / 7 for n in TURNS]
    assert names(of(topic=topics, level_2=apart["level_2"], value=sizes)) == {"a", "b"}


def test_metrics_that_hold_text_are_none():
    found = of(parameter=["power", "mode"] * 30, value=["1.5", "ON", "2.5", "OFF"] * 15)
    assert names(found) == {"power"}


def test_values_as_text_are_read():
    assert names(of(metric=["a", "b"] * 30, value=["1.5", "200"] * 30)) == {"a", "b"}


def test_metrics_of_long_names_have_filters_that_keep_their_rows():
    long_names = [f"{'a.long.prefix.of.a.name.' * 6}{last}" for last in ("used", "free")]
    table = pa.table({"metric": [*long_names, "x" * 2 * TOLD_BY] * 20, "value": [0.5, 1.5, 2.5] * 20})
    sample = Sample()
    sample.update(table)
    measures = infer(sample.table()).measures
    assert {each.name for each in measures} == set(long_names)
    for each in measures:
        assert len(apply(map(parse_filter, each.where), table)) == 20


def test_a_metric_without_a_name_is_not_offered():
    assert names(long(metrics=("cpu", "", "disk"))) == {"cpu", "disk"}


def test_names_that_are_all_empty_name_nothing():
    assert names(long(metrics=("",))) == {"value"}
