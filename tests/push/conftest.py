"""A listener on a free port for the tests of this folder."""

from collections.abc import Iterator
from typing import Any

import pytest

from sources.protocol import Reader
from sources.push import Push
from sources.push.address import PORT_VARIABLE
from tests.push.senders import Open, is_open, wait_until
from tests.servers.free_port import free_port


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    port = free_port()
    monkeypatch.setenv(PORT_VARIABLE, str(port))
    return port


@pytest.fixture
def open_push(port: int) -> Iterator[Open]:
    """Opens a reader; closes it after the test."""
    readers: list[Reader] = []

    def open_reader(name: str = "demo", properties: tuple[tuple[str, str], ...] = (), **more: Any) -> Reader:
        readers.append(Push(name=name, properties=properties, **more).open())
        return readers[-1]

    yield open_reader
    for each in readers:
        each.close()
    wait_until(lambda: not is_open(port), "the port is free again")
