"""A WebSocket that sends events as messages, such as a public feed of trades: live only."""

from dataclasses import dataclass
from typing import ClassVar

from sources.connections import connection_setting
from sources.protocol import Package, Reader, setting
from sources.reading import check_reading, format_setting, time_setting, zone_setting
from sources.websocket_subscription import refuse_login, subscriptions
from sources.websocket_target import target_of


@dataclass(frozen=True, slots=True)
class WebSocket:
    """One address, and what is sent there to be sent events. What happens while nobody is connected is lost."""

    kind: ClassVar[str] = "websocket"
    title: ClassVar[str] = "WebSocket"
    icon: ClassVar[str] = ":material/sync_alt:"
    subject: ClassVar[str] = ""
    packages: ClassVar[tuple[Package, ...]] = ()

    url: str = setting("", "A server's address, such as `wss://ws-feed.exchange.coinbase.com`.", label="Address")
    connection: str = connection_setting("the address above")
    subscribe: str = setting(
        "",
        "What to send when connected, to be sent events: one message a line, such as "
        '`{"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["ticker"]}`. Empty: nothing.',
        label="Subscribe with",
        lines=3,
    )
    format: str = format_setting()
    time: str = time_setting()
    zone: str = zone_setting()
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's address, login and headers, and its own first messages.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what no server could make sense of, and for a login that would stand in the link."""
        target_of(self.properties, self.url, self.subscribe)
        refuse_login(subscriptions(self.subscribe, "subscribe"))
        check_reading(self.format, self.zone)

    def open(self) -> Reader:
        """See Source.open."""
        from sources.websocket_reader import WebSocketReader  # noqa: PLC0415 - what decodes takes time to import

        return WebSocketReader(target_of(self.properties, self.url, self.subscribe), self.format)
