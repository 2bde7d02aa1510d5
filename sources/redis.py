"""Redis: Streams with their history, Pub/Sub channels as they are heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sources.connections import connection_setting
from sources.errors import BadSettings
from sources.protocol import Package, Reader, setting
from sources.reading import check_reading, format_setting, time_setting, zone_setting
from sources.redis_ids import parse_stream_start
from sources.redis_properties import server_of
from sources.start import start_setting

VIAS = ("auto", "stream", "pubsub")
MOST_NAMES = 100
NAME_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Redis:
    """Streams or channels of one Redis server. No consumer group is touched: each reader sees every event."""

    kind: ClassVar[str] = "redis"
    title: ClassVar[str] = "Redis"
    icon: ClassVar[str] = ":material/database:"
    subject: ClassVar[str] = "channel"
    packages: ClassVar[tuple[Package, ...]] = (Package("redis", "redis>=8.1"),)

    channel: str = setting(
        "",
        "A stream's key or a channel, such as `plant:sensors`; `plant:*` for all whose names fit; several with commas.",
        label="Stream or channel",
    )
    via: str = setting(
        "auto",
        "`stream`: entries that Redis keeps, history first, then live. `pubsub`: messages as they are heard, which Redis does "
        "not keep. `auto`: a stream where there is one of that name, else a channel.",
        label="Read as",
        choices=VIAS,
    )
    connection: str = connection_setting()
    start: str = start_setting(
        "so many entries of each stream",
        "Where to start in a stream",
        " An entry's id will do too. A channel has no history.",
    )
    format: str = format_setting(
        "How messages are read; `auto` finds out by looking at them. An entry's fields are columns as they are; where its "
        "only field holds a document, that is the message."
    )
    time: str = time_setting()
    zone: str = zone_setting()
    url: str = setting(
        "", "A server's address, such as `redis://localhost:6379/0`; `rediss://` for TLS.", label="Address"
    )
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's properties under redis-py's own names.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what no server could make sense of."""
        names_in(self.channel)
        if self.via not in VIAS:
            raise BadSettings("via", f"via is {str(self.via)[:40]!r}: choose one of {', '.join(VIAS)}")
        parse_stream_start(self.start)
        check_reading(self.format, self.zone)
        server_of(self.properties, self.url)

    @classmethod
    def subjects(cls, arguments: Mapping[str, Any]) -> list[str]:
        """See Listing: the streams, and the channels that somebody is subscribed to."""
        from sources.redis_names import list_names  # noqa: PLC0415 - the client library takes 0.2 s to import

        return list_names(server_of(arguments.get("properties", ()), arguments.get("url", "")))

    def open(self) -> Reader:
        """See Source.open."""
        from sources.redis_reader import open_reader  # noqa: PLC0415 - the client library takes 0.2 s to import

        server = server_of(self.properties, self.url)
        return open_reader(server, names_in(self.channel), self.via, parse_stream_start(self.start), self.format)


def names_in(channel: str) -> tuple[str, ...]:
    """The names, each once. Raises BadSettings.

    >>> names_in("plant:a, plant:b")
    ('plant:a', 'plant:b')
    """
    names = tuple(dict.fromkeys(name.strip() for name in channel.split(",") if name.strip()))
    if not names:
        raise BadSettings("channel", "channel is empty: name the stream or channel to watch, such as plant:sensors")
    if len(names) > MOST_NAMES or max(map(len, names)) > NAME_CHARS:
        raise BadSettings("channel", f"channel holds too much: name at most {MOST_NAMES}, or write a pattern: plant:*")
    return names
