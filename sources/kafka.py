"""A Kafka topic: history first, then live."""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ClassVar

from sources.connections import Properties, connection_setting
from sources.errors import BadSettings
from sources.formats.names import REGISTRY_FORMATS
from sources.kafka_properties import Cluster, normalise
from sources.protocol import Package, Reader, setting
from sources.reading import check_reading, format_setting, time_setting, zone_setting
from sources.start import parse_start, start_setting

_ADDRESS = re.compile(r"(\w+://)?([\w.-]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


@dataclass(frozen=True, slots=True)
class Kafka:
    """One topic of one Kafka cluster, all partitions of it; each reader sees every event."""

    kind: ClassVar[str] = "kafka"
    title: ClassVar[str] = "Kafka"
    icon: ClassVar[str] = ":material/stream:"
    subject: ClassVar[str] = "topic"
    packages: ClassVar[tuple[Package, ...]] = ()

    topic: str = setting("", "The topic to watch.", label="Topic")
    connection: str = connection_setting("the broker address below, or KAFKA_BOOTSTRAP_SERVERS")
    start: str = start_setting("so many events of each partition")
    format: str = format_setting(more=REGISTRY_FORMATS)
    time: str = time_setting()
    zone: str = zone_setting()
    bootstrap_servers: str = setting("", "A broker's address, such as `localhost:9092`.", label="Broker address")
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's properties under the Kafka client's own names.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what no cluster could make sense of."""
        if not self.topic.strip():
            raise BadSettings("topic", "topic is empty: name the topic to watch, such as metrics")
        if not _TOPIC.fullmatch(self.topic) or self.topic in (".", ".."):
            raise BadSettings(
                "topic", f"{self.topic[:60]!r} is no topic name: use letters, digits, dots, dashes and underscores"
            )
        parse_start(self.start)
        check_reading(self.format, self.zone, registry=True)
        cluster_of(self.properties, self.bootstrap_servers)

    @classmethod
    def subjects(cls, arguments: Mapping[str, Any]) -> list[str]:
        """See Listing: the topics."""
        return list_topics(arguments.get("properties", ()), arguments.get("bootstrap_servers", ""))

    def open(self) -> Reader:
        """See Source.open. Refuses an unknown topic, and does not create it."""
        from sources.kafka_reader import KafkaReader  # noqa: PLC0415 - the client library takes 0.2 s to import

        cluster = cluster_of(self.properties, self.bootstrap_servers)
        return KafkaReader(cluster, self.topic, parse_start(self.start), self.format)


def cluster_of(properties: Properties, bootstrap_servers: str = "") -> Cluster:
    """The cluster that a connection's properties, or an address alone, stand for. Raises BadSettings."""
    named = normalise(properties)
    servers = named.setdefault("bootstrap_servers", bootstrap_servers.strip())
    where = "connection" if properties else "bootstrap_servers"
    if not servers:
        raise BadSettings(where, "no broker is named: choose a connection, or give an address such as localhost:9092")
    for server in servers.split(","):
        address = _ADDRESS.fullmatch(server.strip())
        if address is None or int(address["port"] or 0) >= 2**16:
            raise BadSettings(where, f"{server[:60]!r} is no broker address: write host:port, such as localhost:9092")
    return Cluster(named, where)


def list_topics(properties: Properties, bootstrap_servers: str = "") -> list[str]:
    """The names of the cluster's topics, sorted, without its internal ones.

    Raises a SourceError, as opening would, within about 10 seconds.
    """
    from sources.kafka_client import Attempt  # noqa: PLC0415 - the client library takes 0.2 s to import

    def ask(consumer: Any, _: Any) -> list[str]:
        with closing(consumer):
            return sorted(topic for topic in consumer.topics() if not topic.startswith("__"))

    return Attempt(cluster_of(properties, bootstrap_servers), ask).result()
