"""A NATS subject: history first where a stream keeps it, then live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sources.connections import connection_setting
from sources.nats_servers import servers_of
from sources.nats_subjects import check_subject
from sources.protocol import Package, Reader, setting
from sources.reading import check_reading, format_setting, time_setting, zone_setting
from sources.start import parse_start, start_setting


@dataclass(frozen=True, slots=True)
class Nats:
    """One subject, perhaps with wildcards.

    Where a JetStream stream keeps it, nothing is lost; else what happens while nobody is connected is.
    """

    kind: ClassVar[str] = "nats"
    title: ClassVar[str] = "NATS"
    icon: ClassVar[str] = ":material/hub:"
    subject: ClassVar[str] = "topic"
    packages: ClassVar[tuple[Package, ...]] = (Package("nats", "nats-py>=2.16"),)

    topic: str = setting(
        "",
        "The subject to watch, such as `sensors.kitchen.temperature`; `*` stands for one level, `>` for all that follow.",
        label="Subject",
    )
    connection: str = connection_setting()
    start: str = start_setting(
        "so many events",
        "Where to start if a JetStream stream keeps the subject",
        " Of other subjects there is no history.",
    )
    format: str = format_setting()
    time: str = time_setting()
    zone: str = zone_setting()
    url: str = setting("", "A server's address, such as `nats://localhost:4222`.", label="Address")
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's address, login and certificates, under nats-py's own names.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what no server could make sense of."""
        check_subject(self.topic)
        parse_start(self.start)
        check_reading(self.format, self.zone)
        servers_of(self.properties, self.url)

    @classmethod
    def subjects(cls, arguments: Mapping[str, Any]) -> list[str]:
        """See Listing: the subjects that streams keep. Nobody knows of the others."""
        from sources.nats_stream import list_subjects  # noqa: PLC0415 - the client library takes time to import

        return list_subjects(servers_of(arguments.get("properties", ()), arguments.get("url", "")))

    def open(self) -> Reader:
        """See Source.open."""
        from sources.nats_reader import NatsReader  # noqa: PLC0415 - the client library takes time to import

        return NatsReader(servers_of(self.properties, self.url), self.topic, parse_start(self.start), self.format)
