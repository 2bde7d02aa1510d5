"""A URL: asked every so often for JSON, CSV or Prometheus's text, or listened to where it sends events by itself.

What an answer of a poll counts for follows from what it holds, see `sources.http_news`: what says when it happened is an
event, and counted once however often the same answer comes; what doesn't is a sample, and each poll gives a new one.
"""

from dataclasses import dataclass
from typing import ClassVar

from sources.durations import parse_duration
from sources.errors import BadSettings
from sources.formats.names import AUTO, NAMES, check_format
from sources.http_targets import targets
from sources.protocol import Package, Reader, setting
from sources.zones import check_zone

UPDATES = (AUTO, "poll", "push")
SHORTEST_S, LONGEST_S = 1.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Http:
    """One address of one web server."""

    kind: ClassVar[str] = "http"
    title: ClassVar[str] = "HTTP"
    icon: ClassVar[str] = ":material/public:"
    subject: ClassVar[str] = ""
    packages: ClassVar[tuple[Package, ...]] = ()

    url: str = setting(
        "",
        "Where the data is: JSON, CSV, Prometheus metrics or server-sent events, such as `http://localhost:9100/metrics`.",
        label="URL",
    )
    connection: str = setting("", "A connection from secrets.toml. Empty: the URL above.", label="Connection")
    endpoint: str = setting(
        "", "What to read below the connection's url, such as `trades?limit=100`.", label="Endpoint"
    )
    items: str = setting(
        "",
        "Where in the JSON the rows are, as names with dots: `result.trades`. Empty: found by looking.",
        label="Rows at",
    )
    updates: str = setting(
        AUTO,
        "`poll` asks every so often, `push` listens to server-sent events; `auto` goes by what the server answers.",
        label="Updates",
        choices=UPDATES,
    )
    every: str = setting(
        "5s",
        "How often to ask, from 1s to 1d: from one question to the next, and never two at once.",
        label="Every",
        choices=("1s", "5s", "15s", "1m", "15m", "1h"),
    )
    history_url: str = setting(
        "", "Where earlier events are, read once at the start. Empty: there are none.", label="History URL"
    )
    format: str = setting(
        AUTO,
        "How an answer is read; `auto` finds out by looking at it. What a format can't read is counted as malformed.",
        label="Format",
        choices=(AUTO, *NAMES),
    )
    time: str = setting("", "The field that holds the event time. Empty: found by looking.", label="Time field")
    zone: str = setting(
        "",
        "The zone of times that name none, such as `UTC` or `Europe/Berlin`. Empty: they are not believed.",
        label="Time zone",
    )
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's properties: url, headers.NAME, params.NAME, a login, verify.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what no server could make sense of."""
        targets(self.url, self.endpoint, self.history_url, self.properties)
        if any(not each.strip() for each in self.items.split(".")) and self.items:
            raise BadSettings(
                "items", f"{self.items[:40]!r} names no place in JSON: write names with dots between them"
            )
        if self.updates not in UPDATES:
            raise BadSettings("updates", f"{self.updates[:40]!r} is no way to update: use {', '.join(UPDATES)}")
        try:
            every_s = parse_duration(self.every)
        except ValueError as error:
            raise BadSettings("every", str(error)) from None
        if not SHORTEST_S <= every_s <= LONGEST_S:
            raise BadSettings("every", f"{self.every[:40]!r} is no interval to ask at: choose one from 1s to 1d")
        check_format(self.format)
        if self.format not in (AUTO, *NAMES):
            raise BadSettings("format", f"{self.format} needs a schema registry: choose another format")
        check_zone(self.zone)

    def open(self) -> Reader:
        """See Source.open. Raises for the first answer, so a wrong address is told at once."""
        from sources.http_reader import HttpReader  # noqa: PLC0415 - requests takes 0.1 s to import

        return HttpReader(self)
