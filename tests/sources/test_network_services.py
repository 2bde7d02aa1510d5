"""No typed address leads to a network's own services, however it is written and whatever its name means a moment later."""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sources.errors import BadSettings, SourceError
from sources.http import Http
from sources.kafka import Kafka
from sources.mqtt import Mqtt
from sources.nats import Nats
from sources.protocol import Source
from sources.redis import Redis
from sources.sql import Sql
from sources.websocket import WebSocket

SERVICES = "169.254.169.254"

TYPED: dict[str, Callable[[str, int], Source]] = {
    "http": lambda host, port: Http(url=f"http://{host}:{port}/"),
    "kafka": lambda host, port: Kafka(topic="t", bootstrap_servers=f"{host}:{port}"),
    "mqtt": lambda host, port: Mqtt(topic="t", url=f"mqtt://{host}:{port}"),
    "nats": lambda host, port: Nats(topic="t", url=f"nats://{host}:{port}"),
    "redis": lambda host, port: Redis(channel="t", url=f"redis://{host}:{port}"),
    "sql": lambda host, port: Sql(table="t", url=f"postgresql://ann@{host}:{port}/db"),
    "websocket": lambda host, port: WebSocket(url=f"ws://{host}:{port}/"),
}
"""How each source is told where to connect to."""

_connected: list[str] = []
sys.addaudithook(lambda event, args: _connected.append(str(args[1])) if event == "socket.connect" else None)


@pytest.mark.parametrize("host", [SERVICES, f"[::ffff:{SERVICES}]", "2852039166", "0xA9FEA9FE", "[fd00:ec2::254]"])
@pytest.mark.parametrize("kind", TYPED)
def test_a_networks_own_services_are_refused_beside_the_address(kind: str, host: str) -> None:
    del _connected[:]
    with pytest.raises(BadSettings) as refused:
        TYPED[kind](host, 80).open()
    assert refused.value.setting in ("url", "bootstrap_servers")
    assert not [each for each in _connected if "80" in each]


@pytest.fixture
def listening() -> Iterator[int]:
    """A port of this machine where whoever connects is sent away."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    server.accept()[0].close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("kind", sorted(TYPED.keys() - {"sql"}))  # libpq is given the address that was looked up
def test_a_name_that_means_another_address_a_moment_later_leads_nowhere_else(
    kind: str, listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = socket.getaddrinfo, 0

    def rebinding(host: Any, *args: Any, **more: Any) -> Any:
        nonlocal asked
        if host == "rebinding.example":
            asked += 1
            host = "127.0.0.1" if asked == 1 else SERVICES
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    del _connected[:]
    reader = None
    with contextlib.suppress(SourceError):
        reader = TYPED[kind]("rebinding.example", listening).open()
        reader.poll(1)
    if reader is not None:
        reader.close()
    assert any("127.0.0.1" in each for each in _connected)
    assert not [each for each in _connected if SERVICES in each]
