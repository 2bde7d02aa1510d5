"""MQTT topics of one broker, pushed as they are published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sources.connections import connection_setting
from sources.errors import BadSettings
from sources.mqtt_broker import Broker, broker_of
from sources.mqtt_topics import filters_of
from sources.protocol import Package, Reader, setting
from sources.reading import check_reading, format_setting, time_setting, zone_setting

MOST_QOS = 2


@dataclass(frozen=True, slots=True)
class Mqtt:
    """Whatever is published under some topics of one broker; each reader gets every message, and takes none from others."""

    kind: ClassVar[str] = "mqtt"
    title: ClassVar[str] = "MQTT"
    icon: ClassVar[str] = ":material/sensors:"
    subject: ClassVar[str] = "topic"
    packages: ClassVar[tuple[Package, ...]] = (Package("paho.mqtt", "paho-mqtt>=2.1,<3"),)

    topic: str = setting(
        "",
        "What to subscribe to: `+` stands for one level, `#` at the end for all below; several with commas between them.",
        label="Topic",
    )
    connection: str = connection_setting()
    qos: int = setting(
        0,
        "0: what is published while the connection is lost is lost, and the gap is told. 1: the broker keeps it meanwhile, and "
        "some may come twice. 2: once each, and slower. It never exceeds what a message was published with.",
        label="Quality of service",
        minimum=0,
        maximum=MOST_QOS,
    )
    retained: bool = setting(
        False,
        "Whether to show also what a topic held before: its last value, of unknown age, as if it came on opening.",
        label="Retained messages",
    )
    format: str = format_setting(
        "How its messages are read; `auto` finds out by looking at them, and names a bare value after its topic."
    )
    time: str = time_setting()
    zone: str = zone_setting()
    url: str = setting(
        "", "The broker's address, such as `mqtt://localhost:1883`, or `mqtts://` with TLS.", label="Address"
    )
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's properties under paho's own names.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what no broker could make sense of."""
        filters_of(self.topic)
        if type(self.qos) is not int or not 0 <= self.qos <= MOST_QOS:
            raise BadSettings("qos", f"qos is {self.qos!r:.40}: choose 0, 1 or 2")
        check_reading(self.format, self.zone)
        self._broker()

    @classmethod
    def subjects(cls, arguments: Mapping[str, Any]) -> list[str]:
        """See Listing: topics heard within a second, and filters that stand for several of them."""
        from sources.mqtt_listing import heard_topics  # noqa: PLC0415 - the client library is loaded where it is used

        return heard_topics(broker_of(arguments.get("properties", ()), arguments.get("url", "")))

    def open(self) -> Reader:
        """See Source.open. Refuses what the broker does not let us subscribe to."""
        from sources.mqtt_reader import MqttReader  # noqa: PLC0415 - the client library is loaded where it is used

        return MqttReader(
            self._broker(), filters_of(self.topic), qos=self.qos, retained=self.retained, format=self.format
        )

    def _broker(self) -> Broker:
        return broker_of(self.properties, self.url)
