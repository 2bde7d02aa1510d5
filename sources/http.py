"""A URL: asked every so often for JSON, CSV or Prometheus's text, or listened to where it sends events by itself.

What an answer of a poll counts for follows from what it holds, see `sources.http_news`: what says when it happened is an
event, and counted once however often the same answer comes; what doesn't is a sample, and each poll gives a new one.
"""

from dataclasses import dataclass
from typing import ClassVar

from sources.connections import connection_setting
from sources.durations import parse_every
from sources.errors import BadSettings
from sources.formats.names import AUTO
from sources.http_targets import targets
from sources.protocol import Package, Reader, setting
from sources.reading import check_reading, format_setting, time_setting, zone_setting

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
    connection: str = connection_setting("the URL above")
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
        label="Ask every",
        choices=("1s", "5s", "15s", "1m", "15m", "1h"),
    )
    history_url: str = setting(
        "", "Where earlier events are, read once at the start. Empty: there are none.", label="History URL"
    )
    format: str = format_setting(
        "How an answer is read; `auto` finds out by looking at it. What a format can't read is counted as malformed."
    )
    time: str = time_setting()
    zone: str = zone_setting()
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
        parse_every(self.every, SHORTEST_S, LONGEST_S)
        check_reading(self.format, self.zone)

    def open(self) -> Reader:
        """See Source.open. Raises for the first answer, so a wrong address is told at once."""
        from sources.http_reader import HttpReader  # noqa: PLC0415 - requests takes 0.1 s to import

        return HttpReader(self)
