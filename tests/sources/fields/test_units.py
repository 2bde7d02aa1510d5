"""Units are told by names and by unit fields, and by nothing that may mean something else."""

import pytest

from sources.fields.units import unit, written_unit


@pytest.mark.parametrize(
    ("field", "symbol"),
    [
        ("latency_ms", "ms"),
        ("durationSeconds", "s"),
        ("request_duration_seconds_sum", "s"),
        ("node_memory_bytes_total", "B"),
        ("bytes_sent", "B"),
        ("bytes", "B"),
        ("temp_c", "°C"),
        ("temperatureCelsius", "°C"),
        ("cpu_pct", "%"),
        ("battery.percent", "%"),
        ("price_usd", "USD"),
        ("energyKwh", "kWh"),
        ("engine.rpm", "1/min"),
        ("wind_avg_km_h", "km/h"),
        ("pm25_ug_m3", "µg/m³"),
        ("flow_m3_h", "m³/h"),
        ("fan_speed_rpm_max", "1/min"),
        ("requests_per_second", "1/s"),
        ("MessagesInPerSec.Count", ""),
        ("requests_total", ""),
        ("c", ""),
        ("s", ""),
        ("price", ""),
        ("total", ""),
    ],
)
def test_unit_by_name(field, symbol):
    assert unit(field) == symbol


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("ms", "ms"), ("milliseconds", "ms"), ("By", "B"), ("bytes", "B"), ("Cel", "°C"), ("°C", "°C"), ("%", "%"),
        ("percent", "%"), ("Percent", "%"), ("Bytes", "B"), ("kWh", "kWh"), ("m/s", "m/s"), ("V", "V"), ("C", "C"), ("1", ""), ("", ""), ("{requests}", ""),
        ("count", ""), ("the number of requests", ""),
    ],
)  # fmt: skip
def test_unit_as_it_is_written(text, symbol):
    assert written_unit(text) == symbol
