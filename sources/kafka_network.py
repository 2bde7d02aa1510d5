"""kafka-python's network layer with what it lacks: what a broker says before it hangs up, no unwanted topics, no unwanted address."""

from collections.abc import Callable
from typing import Any

from kafka.errors import KafkaConnectionError
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from sources.addresses import is_metadata

NEVER = "an address of this network's own services"
"""What an attempt to reach such an address fails with."""

Receive = Callable[[], tuple[bytes, Exception | None]]


def make_client(**configuration: Any) -> KafkaNetClient:
    """The client for a consumer's `kafka_client` argument."""
    configuration["proxy_url"] = f"{_LookedAt.SCHEMES[0]}://"
    network = NetworkSelector(**configuration)
    client = KafkaNetClient(network, _Manager(network, **configuration), **configuration)
    client.cluster.config["allow_auto_create_topics"] = False  # the consumer does not hand on its own setting
    return client


class _LookedAt(KafkaNetSocket):  # type: ignore[misc] # the library has no types
    """Looks at what a host's name means before it is connected to: a bootstrap server's, and any that a broker names for itself.

    It connects to that and looks nothing up again. The library has such classes for proxies; this is none.
    """

    SCHEMES = ("looked-at",)

    def dns_lookup(self, host: str, port: int, **more: Any) -> Any:
        found = super().dns_lookup(host, port, **more)
        if any(is_metadata(str(each[4][0])) for each in found):
            raise KafkaConnectionError(NEVER)
        return found


class _Manager(KafkaConnectionManager):  # type: ignore[misc] # the library has no types
    async def _build_transport(self, node: Any, timeout_at: float | None = None) -> Any:
        transport = await super()._build_transport(node, timeout_at)
        transport._sock_recv = _last_words_first(transport._sock_recv)  # noqa: SLF001 - there is no other seam
        return transport


def _last_words_first(receive: Receive) -> Receive:
    """`receive`, but bytes that came together with the end of the connection are not thrown away.

    A broker that refuses a login says so and hangs up at once: both tend to arrive together.
    """

    def receive_all() -> tuple[bytes, Exception | None]:
        received, error = receive()
        return received, None if received else error  # the end is met again by the next call

    return receive_all
