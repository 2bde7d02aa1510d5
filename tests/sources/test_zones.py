"""A zone is checked when it is typed, not when the first event comes."""

import pytest

from sources.errors import BadSettings
from sources.kafka import Kafka
from sources.zones import check_zone

BROKER = {"topic": "metrics", "bootstrap_servers": "localhost:9092"}


@pytest.mark.parametrize("zone", ["", "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_zones_that_are_ones_pass(zone: str) -> None:
    check_zone(zone)
    assert Kafka(zone=zone, **BROKER).zone == zone


@pytest.mark.parametrize(
    "zone", ["Berlin", "Europe", "CET+1h", "../etc/passwd", "\0", "x" * 500, "Europe/" * 300 + "Berlin"]
)
def test_others_are_refused_with_what_to_write(zone: str) -> None:
    with pytest.raises(BadSettings, match="such as Europe/Berlin") as refused:
        Kafka(zone=zone, **BROKER)
    assert refused.value.setting == "zone"
