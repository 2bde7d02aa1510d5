import contextlib
import json
import logging
import ssl
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from sources import websocket_wire
from sources.batch import Batch
from sources.connections import Hidden, connections, resolve
from sources.errors import AuthFailed, BadSettings, Mendable, NotFound, SourceError, Unreachable
from sources.protocol import Reader
from sources.websocket import WebSocket
from sources.websocket_reader import WebSocketReader
from sources.websocket_target import target_of
from state.feed import Feed
from tests.kafka.certificates import make_certificates
from tests.servers.websocket import Handler, serving
from tests.sources.contract import DEADLINE_S, read

TICKER = {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["ticker"]}


def wait(connection: ServerConnection) -> None:
    """Hold the connection until the other side ends it."""
    for _ in connection:
        pass


def sending(*messages: Any, then: Handler = wait) -> Handler:
    def handle(connection: ServerConnection) -> None:
        for each in messages:
            connection.send(each)
        then(connection)

    return handle


def poll_until(reader: Reader, enough: Callable[[list[Batch]], bool]) -> list[Batch]:
    batches: list[Batch] = []
    deadline = time.monotonic() + DEADLINE_S
    while not enough(batches):
        assert time.monotonic() < deadline, batches[-3:]
        batches.append(reader.poll(0.2))
    return batches


def said(reader: Reader) -> SourceError:
    """What is raised at last, once all that came before was taken."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        try:
            reader.poll(0.2)
        except SourceError as error:
            return error
    raise AssertionError("nothing was raised")


def test_what_is_to_be_sent_first_is_sent_a_message_a_line() -> None:
    heard: list[str | bytes] = []

    def handle(connection: ServerConnection) -> None:
        heard.extend([connection.recv(), connection.recv()])
        connection.send(json.dumps({"price": "67000.1"}))
        wait(connection)

    with serving(handle) as url:
        reader = WebSocket(url=url, subscribe=f"{json.dumps(TICKER)}\n\nhello\n").open()
        [batch] = read(reader, 1)[-1:]
        reader.close()
    assert heard == [json.dumps(TICKER), "hello"]
    assert batch.table["price"].to_pylist() == ["67000.1"]


def test_a_subscription_written_over_several_lines_is_one_message() -> None:
    target = target_of((), "ws://localhost", json.dumps(TICKER, indent=2))
    assert [json.loads(message) for message in target.messages] == [TICKER]


def test_binary_messages_and_fragments_are_messages() -> None:
    pieces = [json.dumps({"n": 2})[:3], "", json.dumps({"n": 2})[3:]]
    with serving(sending(json.dumps({"n": 1}), pieces, json.dumps({"n": 3}).encode())) as url:
        reader = WebSocket(url=url).open()
        batches = read(reader, 3)
        reader.close()
    assert [n for batch in batches for n in batch.table["n"].to_pylist()] == [1, 2, 3]


def test_binary_feeds_are_read_by_what_they_hold() -> None:
    with serving(sending(*(msgpack.packb({"n": n, "host": "a"}) for n in range(5)))) as url:
        reader = WebSocket(url=url).open()
        batches = read(reader, 5)
        reader.close()
    assert batches[-1].reading is not None
    assert batches[-1].reading.format == "msgpack"


def test_a_refused_subscription_says_the_servers_reason_beside_the_setting() -> None:
    def refuse(connection: ServerConnection) -> None:
        connection.recv()
        connection.send(json.dumps({"type": "error", "message": "Failed to subscribe"}))
        connection.close(1008, "no product\x07\n XYZ-USD")

    with serving(refuse) as url:
        reader = WebSocket(url=url, subscribe=json.dumps(TICKER)).open()
        refused = said(reader)
        reader.close()
    assert isinstance(refused, BadSettings)
    assert refused.setting == "subscribe"
    assert "1008 policy violation, 'no product XYZ-USD'" in str(refused)


def test_a_refusal_without_a_reason_says_the_last_message_shortened() -> None:
    def refuse(connection: ServerConnection) -> None:
        connection.recv()
        connection.send("error: " + "x" * 5_000)
        connection.close(4001)

    with serving(refuse) as url:
        reader = WebSocket(url=url, subscribe="hello").open()
        refused = said(reader)
        reader.close()
    assert isinstance(refused, BadSettings)
    assert "4001, 'error: xxx" in str(refused)
    assert len(str(refused)) < 500


@pytest.mark.slow
def test_a_server_that_goes_politely_is_connected_to_again_and_the_gap_is_told() -> None:
    seen: list[int] = []

    def handle(connection: ServerConnection) -> None:
        seen.append(1)
        connection.send(json.dumps({"n": len(seen)}))
        if len(seen) == 1:
            connection.close(1012, "deploying")
        wait(connection)

    with serving(handle) as url:
        reader = WebSocket(url=url).open()
        away = said(reader)
        batches: list[Batch] = []
        deadline = time.monotonic() + DEADLINE_S
        while not any(map(len, batches)) and time.monotonic() < deadline:
            try:
                batches.append(reader.poll(0.2))
            except Unreachable:
                continue
        reader.close()
    assert isinstance(away, Unreachable)
    assert "1012 restart, 'deploying'" in str(away)
    assert [n for batch in batches if len(batch) for n in batch.table["n"].to_pylist()] == [2]
    [gap] = [gap for batch in batches for gap in batch.gaps]
    assert gap.lost is None
    assert gap.from_us < gap.until_us


def answering(status: int, **headers: str) -> Any:
    def answer(connection: ServerConnection, request: Request) -> Response:
        response = connection.respond(status, "hunter2 is wrong")
        for name, value in headers.items():
            response.headers[name] = value
        return response

    return answer


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (401, AuthFailed, "add headers.Authorization or bearer_auth_token"),
        (403, AuthFailed, "ask for the permission"),
        (404, NotFound, "check the address"),
        (400, BadSettings, "check the port and the path"),
        (200, BadSettings, "check the port and the path"),
        (503, Unreachable, "asking again"),
        (429, Unreachable, "asking again"),
    ],
)
def test_a_refused_handshake_says_what_to_do(status: int, kind: type[SourceError], advice: str) -> None:
    with serving(wait, answering(status)) as url, pytest.raises(kind) as refused:
        WebSocket(url=url).open()
    assert advice in str(refused.value)
    assert f"HTTP {status}" in str(refused.value)


def test_a_redirect_is_not_followed_and_takes_no_login_along() -> None:
    reached: list[Request] = []

    def note(connection: ServerConnection, request: Request) -> None:
        reached.append(request)

    with (
        serving(wait, note) as elsewhere,
        serving(wait, answering(302, Location=elsewhere)) as url,
        pytest.raises(BadSettings, match="which is not followed: give that address") as refused,
    ):
        WebSocket(connection="feed", properties=(("url", url), ("bearer_auth_token", "s3cret-token"))).open()
    assert refused.value.setting == "connection"
    assert not reached


def test_what_is_no_websocket_server_is_told_from_one_that_is_away() -> None:
    with serving(wait) as url:
        port = url.rpartition(":")[2].partition("/")[0]
        with pytest.raises(Unreachable, match=r"ended the TLS handshake|does not speak TLS"):
            WebSocket(url=f"wss://127.0.0.1:{port}/feed").open()
    with pytest.raises(Unreachable, match=r"Nothing listens at ws://127.0.0.1"):
        WebSocket(url=url).open()
    with pytest.raises(BadSettings, match="own services") as refused:
        WebSocket(url="ws://169.254.169.254/latest").open()
    assert refused.value.setting == "url"


SECRETS = ("s3cret-token", "hunter2-word", "deadbeefcafe", "abc-sig-123")


def secret_connection(url: str) -> tuple[tuple[str, str], ...]:
    table = {
        "type": "websocket",
        "url": url.replace("://", "://alice:hunter2-word@") + "?token=deadbeefcafe",
        "headers": {"X-Api-Key": "s3cret-token"},
        "subprotocols": ["ticks.v2", "ticks.v1"],
        "subscribe": '{"op": "auth", "args": ["abc-sig-123"]}\n{"op": "subscribe", "args": ["trades"]}',
    }
    return connections({"connections": {"feed": table}}, {}, "websocket")["feed"]


def test_a_connections_login_headers_and_messages_go_to_its_server_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    requests: list[Request] = []
    heard: list[str | bytes] = []

    def repeat(connection: ServerConnection) -> None:
        assert connection.request is not None
        requests.append(connection.request)
        heard.extend([connection.recv(), connection.recv()])
        connection.close(1008, f"not {SECRETS[3]}, {SECRETS[0]}, {SECRETS[1]} nor {SECRETS[2]}: subscribe later")

    with serving(repeat) as url:
        source = WebSocket(connection="feed", properties=secret_connection(url))
        reader = source.open()
        refused = said(reader)
        reader.close()
    [request] = requests
    assert request.headers["X-Api-Key"] == "s3cret-token"
    assert request.headers["Authorization"].startswith("Basic ")
    assert request.headers["Sec-WebSocket-Protocol"] == "ticks.v2, ticks.v1"
    assert request.path == "/feed?token=deadbeefcafe"
    assert heard == ['{"op": "auth", "args": ["abc-sig-123"]}', '{"op": "subscribe", "args": ["trades"]}']
    assert isinstance(refused, BadSettings)
    assert refused.setting == "connection"
    assert "subscribe later" in str(refused)
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith("websockets.server")]
    shown = "".join([*traceback.format_exception(refused), repr(source), *ours])
    assert not [secret for secret in SECRETS if secret in shown]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"url": ""}, "has no url"),
        ({"url": "https://example.org"}, "the connection's url is no address"),
        ({"api_version": "2"}, "'api_version', which a WebSocket has no use for"),
        ({"headers.Bad Name": "x"}, "which a WebSocket has no use for"),
        ({"headers.X": "a\r\nHost: b"}, "has more than one line"),
        ({"subprotocols": "a b"}, "are no names"),
        ({"bearer_auth_token": "a", "headers.authorization": "b"}, "both given"),
        ({"subscribe": "{"}, "that is no JSON"),
    ],
)
def test_a_connection_that_makes_no_sense_is_refused(more: dict[str, str], complaint: str) -> None:
    properties = {"url": "wss://example.org", **more}
    with pytest.raises(BadSettings, match=complaint) as refused:
        WebSocket(connection="feed", properties=tuple((name, Hidden(value)) for name, value in properties.items()))
    assert refused.value.setting == "connection"
    assert ": " in str(refused.value)


def test_nobody_sends_what_they_like_in_the_name_of_a_connection_with_a_login() -> None:
    known = {"feed": secret_connection("wss://example.org/feed"), "open": (("url", "wss://example.org"),)}
    order = {"subscribe": '{"op": "order", "side": "sell"}'}
    with pytest.raises(BadSettings, match="sends nothing that was typed") as refused:
        WebSocket(**resolve(WebSocket, {"connection": "feed", **order}, known, adhoc=False))
    assert refused.value.setting == "subscribe"
    assert WebSocket(**resolve(WebSocket, {"connection": "open", **order}, known, adhoc=False)).subscribe
    with pytest.raises(BadSettings):
        resolve(WebSocket, {"url": "wss://example.org"}, {}, adhoc=False)


def test_messages_that_are_too_long_end_the_connection_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_wire, "MESSAGE_BYTES", 100_000)
    bomb = json.dumps({"note": "a" * 10_000_000})  # 10 kB as it is sent
    with serving(sending('{"n": 1}', bomb)) as url:
        reader = WebSocket(url=url).open()
        assert read(reader, 1)[-1].table["n"].to_pylist() == [1]
        away = said(reader)
        reader.close()
    assert isinstance(away, Unreachable)
    assert "more than 100,000 bytes" in str(away)


def test_a_fragmented_message_has_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_wire, "MESSAGE_BYTES", 100_000)
    with serving(sending(iter(["x" * 60_000, "x" * 60_000]))) as url:
        reader = WebSocket(url=url).open()
        away = said(reader)
        reader.close()
    assert "more than 100,000 bytes" in str(away)


@pytest.mark.slow
def test_a_peer_that_does_not_answer_a_ping_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_wire, "ANSWER_S", 0.2)
    noticed = threading.Event()

    def stand_still(connection: ServerConnection) -> None:
        """As behind a pulled cable: what comes is not even looked at."""
        with connection.recv_flow_control:
            noticed.wait(DEADLINE_S)

    with serving(stand_still) as url:
        reader = WebSocketReader(target_of((), url, ""), quiet_s=0.2)
        away = said(reader)
        noticed.set()
        reader.close()
    assert isinstance(away, Unreachable)
    assert "does not answer any more" in str(away)


@pytest.mark.slow
def test_a_silent_server_that_answers_pings_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_wire, "ANSWER_S", 0.2)
    pings = threading.Event()

    def handle(connection: ServerConnection) -> None:
        before = connection.protocol.send_frame

        def send_frame(frame: Any) -> None:
            before(frame)
            pings.set() if len(counted) > 2 else counted.append(frame)

        counted: list[Any] = []
        connection.protocol.send_frame = send_frame
        wait(connection)

    with serving(handle) as url:
        reader = WebSocketReader(target_of((), url, ""), quiet_s=0.1)
        poll_until(reader, lambda _: pings.is_set())
        reader.close()


@pytest.mark.slow
def test_tls_is_read_closed_from_another_thread_and_refused_where_it_is_not_to_be_trusted(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.broker)

    def handle(connection: ServerConnection) -> None:
        connection.send('{"n": 1}')
        with contextlib.suppress(ConnectionClosed):
            wait(connection)

    with serving(handle, context=context) as url:
        trusting = (("url", url), ("ssl_cafile", str(made.authority)))
        reader = WebSocket(connection="feed", properties=trusting).open()
        assert read(reader, 1)[-1].table["n"].to_pylist() == [1]
        began = time.monotonic()
        reader.close()
        assert time.monotonic() - began < 1
        with pytest.raises(AuthFailed, match="not to be trusted"):
            WebSocket(url=url).open()
        with pytest.raises(BadSettings, match="can't be used"):
            WebSocket(connection="feed", properties=(("url", url), ("ssl_cafile", "/no/such/file"))).open()


@pytest.mark.slow
def test_a_flood_faster_than_it_is_read_is_counted_as_lost() -> None:
    count = 300_000

    def flood(connection: ServerConnection) -> None:
        for first in range(0, count, 1000):
            connection.socket.sendall(frames(first, 1000))
        wait(connection)

    with serving(flood) as url:
        reader = WebSocket(url=url).open()
        assert isinstance(reader, WebSocketReader)
        deadline = time.monotonic() + DEADLINE_S
        while reader._count < count and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        batches = poll_until(reader, lambda batches: bool(batches) and not len(batches[-1]))
        reader.close()
    lost = [gap.lost for batch in batches for gap in batch.gaps]
    assert sum(map(len, batches)) + sum(each or 0 for each in lost) == count
    assert lost
    assert sum(map(len, batches)) < count


def frames(first: int, count: int) -> bytes:
    """Text frames as a server writes them."""
    texts = [json.dumps({"n": n}).encode() for n in range(first, first + count)]
    return b"".join(bytes([0x81, len(text)]) + text for text in texts)


def test_closing_says_goodbye() -> None:
    codes: list[int | None] = []
    gone = threading.Event()

    def handle(connection: ServerConnection) -> None:
        wait(connection)
        codes.append(connection.close_code)
        gone.set()

    with serving(handle) as url:
        reader = WebSocket(url=url).open()
        began = time.monotonic()
        reader.close()
        assert time.monotonic() - began < 1
        assert gone.wait(DEADLINE_S)
    assert codes == [1000]


def test_the_same_feed_is_watched_through_a_feed() -> None:
    lines = (Path(__file__).parents[1] / "feeds" / "coinbase_ticker.ndjson").read_text().splitlines()
    with serving(sending('{"type": "subscriptions", "channels": []}', *lines)) as url:
        feed = Feed(WebSocket(url=url, subscribe=json.dumps(TICKER)))
        feed.start()
        feed.watch(0.1)
        deadline = time.monotonic() + DEADLINE_S
        while feed.seen < len(lines) + 1 and time.monotonic() < deadline:
            feed.watch(0.1)
            feed.wait_for_read(time.time(), 0.2)
        feed.close()
        feed.join(DEADLINE_S)
    assert feed.seen == len(lines) + 1
    assert feed.times.field.name == "time"
    assert not feed.malformed


@pytest.mark.slow
def test_a_login_on_the_way_back_is_for_good_but_another_refusal_is_not() -> None:
    statuses = [None, 404, 401]

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        status = statuses.pop(0) if statuses else 401
        return None if status is None else connection.respond(status, "")

    with serving(sending('{"n": 1}', then=lambda connection: connection.close(1001)), answer) as url:
        reader = WebSocket(url=url).open()
        read(reader, 1)
        told = [said(reader) for _ in range(2)]
        while not isinstance(told[-1], Mendable):
            told.append(said(reader))
        reader.close()
    assert any("HTTP 404" in str(each) and isinstance(each, Unreachable) for each in told)
    assert isinstance(told[-1], AuthFailed)
