"""Events that anything posts here over HTTP: `curl -d '{"cpu": 0.5}' http://127.0.0.1:8502/NAME`.

Whoever reaches the page may watch any name, also without a connection. By itself the listener is on this machine's loopback
alone, so nobody but this machine's own processes can post to it, and what is posted to a Pulseboard is meant for its viewers,
as the topics of a named connection are: a link reads nothing that was not sent here to be shown. What a stranger's links can
cost is bounded: so many names at a time (`sources.push.listeners.MOST_NAMES`), and a name that nobody watches any more takes
nothing.
"""

import os
import re
from dataclasses import dataclass
from typing import ClassVar

from sources.errors import BadSettings
from sources.protocol import Package, Reader, setting
from sources.push.address import address_of
from sources.reading import check_reading, format_setting, time_setting, zone_setting

NAME = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Push:
    """What is posted under one name while somebody watches it."""

    kind: ClassVar[str] = "push"
    title: ClassVar[str] = "Push (HTTP)"
    icon: ClassVar[str] = ":material/call_received:"
    subject: ClassVar[str] = "name"
    packages: ClassVar[tuple[Package, ...]] = ()
    needs_connection: ClassVar[bool] = False
    """Without one it listens on this machine's loopback."""

    name: str = setting("", "The name that events are posted under, such as `demo`.", label="Name")
    connection: str = setting(
        "",
        "A connection from secrets.toml, which says where to listen and who may post. Empty: this machine's own "
        "programs may, at port 8502 or PULSEBOARD_PUSH_PORT.",
        label="Connection",
    )
    format: str = format_setting()
    time: str = time_setting()
    zone: str = zone_setting()
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's properties: host, port, token, ssl_certfile, ssl_keyfile.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what nobody could post to."""
        if not self.name.strip():
            raise BadSettings("name", "name is empty: write the name that events are posted under, such as demo")
        if not NAME.fullmatch(self.name):
            raise BadSettings(
                "name",
                f"{self.name[:60]!r} is no name to post under: use at most 100 letters, digits, dots, dashes and "
                "underscores",
            )
        check_reading(self.format, self.zone)
        address_of(self.properties, os.environ)

    def open(self) -> Reader:
        """See Source.open. Listens from now on: with the first reader of an address it opens, with the last it closes."""
        from sources.push.reader import PushReader  # noqa: PLC0415 - the server takes 0.1 s to import

        return PushReader(address_of(self.properties, os.environ), self.name, self.format)

    @property
    def invitation(self) -> str:
        """Two commands that post to it from this machine, a line each, for whoever waits for the first event.

        They hold no secret. Where others may post too, the host's name is for whoever posts to know.
        """
        address = address_of(self.properties, os.environ)
        login = ' -H "Authorization: Bearer $PULSEBOARD_PUSH_TOKEN"' if address.token else ""
        away = "" if address.is_clients_default else f" --url {address.url}"
        return (
            f"curl{login} -d '{{\"cpu\": 0.5}}' {address.url}/{self.name}\n"
            f"tail -f x.log | python -m sources.push {self.name}{away}"
        )
