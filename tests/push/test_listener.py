"""The listener that all readers of an address share."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import threading
from typing import Any

import pytest

from sources.errors import BadSettings, Unreachable
from sources.push import Push
from sources.push import listener as listener_module
from sources.push.address import PORT_VARIABLE
from sources.push.connection import Connection
from sources.push.listeners import MOST_NAMES
from tests.push.senders import (
    TOKEN,
    Open,
    curl,
    exchanged,
    is_open,
    post,
    url,
    wait_until,
)
from tests.sources.contract import numbers_in, read


def test_all_names_of_an_address_share_one_listener(open_push: Open, port: int) -> None:
    first, second, other = open_push("a"), open_push("a", format="json"), open_push("b")
    assert post(port, b'{"n": 1}', name="a") == post(port, b'{"n": 2}', name="b") == 204
    assert [numbers_in(read(each, 1)) for each in (first, second, other)] == [[1], [1], [2]]
    first.close()
    other.close()
    assert post(port, b'{"n": 3}', name="b") == 404
    assert post(port, b'{"n": 4}', name="a") == 204
    assert numbers_in(read(second, 1)) == [4]
    second.close()
    assert not is_open(port)


def test_a_name_that_is_watched_no_more_and_then_again_is_taken_again(open_push: Open, port: int) -> None:
    for number in range(5):
        reader = open_push()
        assert post(port, b'{"n": %d}' % number) == 204
        assert numbers_in(read(reader, 1)) == [number]
        closing = [threading.Thread(target=reader.close) for _ in range(3)]
        for each in closing:
            each.start()
        for each in closing:
            each.join()


def test_a_reader_that_its_owner_forgets_is_left(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "LOOK_S", 0.02)
    reader = Push(name="demo").open()
    assert is_open(port)
    del reader
    gc.collect()
    wait_until(lambda: not is_open(port), "nobody listens any more")
    reader = Push(name="demo").open()
    assert post(port, b'{"n": 1}') == 204
    reader.close()


def test_a_connection_that_is_accepted_as_the_listener_ends_is_ended_too(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    accepted = threading.Event()

    class Late(Connection):
        """Is known to its server a little after it is there."""

        def connection_made(self, transport: Any) -> None:
            accepted.set()
            asyncio.get_running_loop().call_later(0.1, super().connection_made, transport)

    monkeypatch.setattr(listener_module, "Connection", Late)
    reader = Push(name="demo").open()
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.settimeout(5)
        assert accepted.wait(5)
        reader.close()
        with contextlib.suppress(ConnectionResetError):
            assert sender.recv(1) == b""
    assert not is_open(port)
    gc.collect()  # an open connection would be warned of here
    assert not caplog.records


def test_a_port_that_is_taken_is_waited_for_and_the_message_says_what_to_do(open_push: Open, port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(Unreachable, match=f"{PORT_VARIABLE}.*another port"),
    ):
        open_push()
    assert len(open_push().poll(0)) == 0


def test_another_token_needs_another_port(open_push: Open, port: int) -> None:
    open_push()
    with pytest.raises(BadSettings, match="its own port") as refused:
        open_push("other", properties=(("token", TOKEN),))
    assert refused.value.setting == "connection"


def test_so_many_names_and_no_more(open_push: Open) -> None:
    for number in range(MOST_NAMES):
        open_push(f"n{number}")
    open_push("n0", format="json")
    with pytest.raises(Unreachable, match="close a board"):
        open_push("one-more")


def test_a_listener_that_ends_by_itself_is_opened_again_and_the_gap_is_told(open_push: Open, port: int) -> None:
    reader: Any = open_push()
    assert post(port, b'{"n": 1}') == 204
    reader._listener.stop()
    wait_until(lambda: not is_open(port), "the listener has ended")
    batches = [reader.poll(0)]
    assert post(port, b'{"n": 2}') == 204
    batches += read(reader, 2)
    assert numbers_in(batches) == [1, 2]
    [gap] = [gap for batch in batches for gap in batch.gaps]
    assert gap.from_us <= gap.until_us


def test_what_the_pages_server_has_set_up_is_left_alone(open_push: Open, port: int) -> None:
    names = ("", "uvicorn", "uvicorn.access", "uvicorn.error", "uvicorn.asgi")

    def state() -> list[object]:
        loggers = [logging.getLogger(name) for name in names]
        handled = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
        return [[(each.level, list(each.handlers), each.propagate) for each in loggers], handled]

    before = state()
    open_push()
    assert post(port, b"1") == 204
    assert state() == before


def test_nothing_of_the_senders_is_logged(open_push: Open, port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    open_push()
    exchanged(port, b"nonsense\r\n\r\n")
    curl("-d", "1", url(port) + "?token=hunter2")
    assert "hunter2" not in caplog.text
    assert not [each for each in caplog.records if each.name.startswith(("uvicorn", "pulseboard.push"))]
