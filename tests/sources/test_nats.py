import contextlib
import json
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from sources.batch import Batch
from sources.connections import Hidden
from sources.errors import AuthFailed, BadSettings, Mendable, NotFound, SourceError, Unreachable
from sources.nats import Nats
from sources.nats_reader import NatsReader
from sources.nats_servers import servers_of
from sources.protocol import Reader
from sources.receiver import Receiver
from sources.start import Start
from state.feed import Feed
from tests.kafka.certificates import make_certificates
from tests.servers.nats import NatsServer
from tests.servers.or_skip import or_skip
from tests.sources.contract import DEADLINE_S, numbers_in, read

SECRET = "hunter2-word"  # noqa: S105 - a throw-away server's


@contextlib.contextmanager
def running(more: str = "", *, scheme: str = "nats", streams: bool = True) -> Iterator[NatsServer]:
    with or_skip(NatsServer.start(more, scheme=scheme, streams=streams)) as server:
        yield server


@pytest.fixture(scope="module")
def server() -> Iterator[NatsServer]:
    with running() as started:
        started.stream("plant", "plant.*.temperature", "plant.*.pressure")
        yield started


def events(first: int, count: int) -> list[bytes]:
    return [json.dumps({"n": n}).encode() for n in range(first, first + count)]


def opened(server: NatsServer, topic: str, start: str = "earliest") -> Reader:
    return Nats(topic=topic, start=start, url=server.url).open()


def test_history_comes_first_with_how_much_waits_and_then_what_is_sent(server: NatsServer) -> None:
    server.publish("plant.a.temperature", events(0, 300))
    reader = opened(server, "plant.a.temperature")
    first = reader.poll(0)
    assert sum(first.lag.values()) + len(first) == 300
    batches = [first, *read(reader, 300 - len(first))]
    server.publish("plant.a.temperature", events(300, 5))
    batches += read(reader, 5)
    reader.close()
    assert numbers_in(batches) == list(range(305))
    assert batches[-1].lag == {"plant": 0}
    assert not [gap for batch in batches for gap in batch.gaps]


@pytest.mark.parametrize("start", ["last 10", "last 1000", "10m", "latest"])
def test_a_start_position_counts_the_subjects_own_events(server: NatsServer, start: str) -> None:
    name = start.replace(" ", "")
    for first in range(0, 40, 10):
        server.publish(f"plant.{name}.temperature", events(first, 10))
        server.publish(f"plant.{name}.pressure", [b'{"bar": 1}'] * 30)
    reader = opened(server, f"plant.{name}.temperature", start)
    server.publish(f"plant.{name}.temperature", events(40, 1))
    come = {"last 10": 11, "latest": 1}.get(start, 41)
    numbers = numbers_in(read(reader, come))
    reader.close()
    assert numbers == list(range(41 - come, 41))


def test_what_wildcards_stand_for_are_fields(server: NatsServer) -> None:
    server.stream("rooms", "rooms.>")
    server.publish("rooms.x.temperature", [b'{"celsius": 20.5}'])
    server.publish("rooms.x.pressure.inner", [b'{"bar": 1}', b""])
    reader = opened(server, "rooms.x.>")
    batches = read(reader, 3)
    table = pa.concat_tables([batch.table for batch in batches if len(batch)], promote_options="permissive")
    reader.close()
    assert table["topic"].to_pylist() == ["rooms.x.temperature", "rooms.x.pressure.inner", "rooms.x.pressure.inner"]
    assert table["level_3"].to_pylist() == ["temperature", "pressure", "pressure"]
    assert table["level_4"].to_pylist() == [None, "inner", "inner"]
    assert "level_2" not in table.column_names
    assert table["bar"].to_pylist() == [None, 1, None]
    assert abs(table["_timestamp"].to_pylist()[0].timestamp() - time.time()) < DEADLINE_S


def test_a_wildcard_that_no_stream_has_all_of_is_read_live(server: NatsServer) -> None:
    server.publish("plant.y.temperature", events(0, 5))
    reader = opened(server, "plant.y.>")
    server.publish("plant.y.temperature", events(5, 1))
    server.publish("plant.y.humidity.relative", events(6, 1), stored=False)
    table = read(reader, 2)[-1].table
    reader.close()
    assert table["n"].to_pylist()[-1] == 6
    assert table["level_3"].to_pylist()[-1] == "humidity"
    assert table["level_4"].to_pylist()[-1] == "relative"


def test_the_subjects_of_streams_are_offered(server: NatsServer) -> None:
    server.publish("plant.offered.temperature", events(0, 1))
    offered = Nats.subjects({"url": server.url})
    assert {"plant.*.temperature", "plant.*.pressure", "plant.offered.temperature"} <= set(offered)
    assert offered == sorted(offered)


def test_where_there_is_no_jetstream_what_is_sent_is_read_and_nothing_offered() -> None:
    with running(streams=False) as plain:
        reader = opened(plain, "a.b")
        plain.publish("a.b", events(0, 3), stored=False)
        assert numbers_in(read(reader, 3)) == [0, 1, 2]
        reader.close()
        assert Nats.subjects({"url": plain.url}) == []


def said(reader: Reader) -> SourceError:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        try:
            reader.poll(0.2)
        except SourceError as error:
            return error
    raise AssertionError("nothing was raised")


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_history_loses_and_repeats_nothing(server: NatsServer) -> None:
    server.publish("plant.long.temperature", [json.dumps({"n": n, "x": "x" * 2_000}).encode() for n in range(30_000)])
    reader = opened(server, "plant.long.temperature")
    batches: list[Batch] = read(reader, 2_000)
    server.kill()
    with pytest.raises(Unreachable):
        while True:
            batches.append(reader.poll(0.2))
    assert len(numbers_in(batches)) < 30_000
    server.run()
    deadline = time.monotonic() + DEADLINE_S
    while len(numbers_in(batches)) < 30_000 and time.monotonic() < deadline:
        with contextlib.suppress(Unreachable):
            batches.append(reader.poll(0.2))
    reader.close()
    assert numbers_in(batches) == list(range(30_000))
    assert not [gap for batch in batches for gap in batch.gaps]


@pytest.mark.slow
def test_what_is_sent_before_the_first_event_came_is_read_after_an_outage(server: NatsServer) -> None:
    server.stream("rare", "rare")
    reader = opened(server, "rare", "latest")
    server.kill()
    assert isinstance(said(reader), Unreachable)
    server.run()
    server.publish("rare", events(0, 3))
    numbers: list[int] = []
    deadline = time.monotonic() + DEADLINE_S
    while len(numbers) < 3 and time.monotonic() < deadline:
        with contextlib.suppress(Unreachable):
            numbers += numbers_in([reader.poll(0.2)])
    reader.close()
    assert numbers == [0, 1, 2]


@pytest.mark.slow
@pytest.mark.parametrize("anew", [True, False], ids=["made anew", "let go"])
def test_a_stream_that_has_lost_what_was_not_read_says_so(server: NatsServer, anew: object) -> None:
    name = "anew" if anew else "gone"
    server.stream(name, name)
    server.publish(name, events(0, 5))
    reader = opened(server, name)
    before = read(reader, 5)
    server.kill()
    assert isinstance(said(reader), Unreachable)
    server.run()
    server.publish(name, events(5, 5))
    if anew:
        server.delete(name)
        server.stream(name, name)
    else:
        server.do(lambda client: client.jetstream().purge_stream(name))
    server.publish(name, events(10, 5))
    batches: list[Batch] = []
    deadline = time.monotonic() + DEADLINE_S
    while len(numbers_in(batches)) < 5 and time.monotonic() < deadline:
        with contextlib.suppress(Unreachable):
            batches.append(reader.poll(0.2))
    reader.close()
    assert numbers_in(before) == list(range(5))
    assert numbers_in(batches) == list(range(10, 15))
    [gap] = [gap for batch in batches for gap in batch.gaps]
    assert ("made anew" in gap.why) is bool(anew)


@pytest.mark.slow
def test_a_stream_that_is_deleted_while_it_is_read_is_told(server: NatsServer) -> None:
    server.stream("brief", "brief")
    server.publish("brief", events(0, 2))
    reader = opened(server, "brief")
    read(reader, 2)
    server.delete("brief")
    told = said(reader)
    while not isinstance(told, Mendable):
        told = said(reader)
    reader.close()
    assert isinstance(told, NotFound)


@pytest.mark.slow
def test_a_history_larger_than_the_inbox_waits_for_room(server: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.nats_reader.Receiver", lambda *a, **k: Receiver(*a, **k, most_items=1_000))
    server.publish("plant.much.temperature", events(0, 20_000))
    reader = opened(server, "plant.much.temperature")
    assert numbers_in(read(reader, 20_000)) == list(range(20_000))
    reader.close()


LOGINS = f"""
accounts {{
  A {{ jetstream: enabled, users: [ {{ user: alice, password: "{SECRET}" }},
      {{ user: bob, password: "bob-s3cret", permissions: {{ subscribe: ["public.>", "_INBOX.>"], publish: ["public.>"] }} }} ] }}
}}
"""


@pytest.fixture(scope="module")
def guarded() -> Iterator[NatsServer]:
    with running(LOGINS) as started:
        yield started


def test_a_login_is_asked_for_refused_and_used_without_being_shown(guarded: NatsServer) -> None:
    with pytest.raises(AuthFailed, match="asks for a login: add user and password"):
        Nats(topic="a", url=guarded.url).open()
    wrong = (("url", guarded.url), ("user", "alice"), ("password", Hidden("wrong-s3cret")))
    source = Nats(topic="a", connection="plant", properties=wrong)
    with pytest.raises(AuthFailed, match="refused the login: check it") as refused:
        source.open()
    assert "wrong-s3cret" not in "".join(traceback.format_exception(refused.value)) + repr(source)
    with_login = guarded.url.replace("://", f"://alice:{SECRET}@")
    reader = Nats(topic="a", connection="plant", properties=(("url", Hidden(with_login)),)).open()
    guarded.publish("a", events(0, 1), stored=False, user="alice", password=SECRET)
    assert numbers_in(read(reader, 1)) == [0]
    reader.close()
    assert Nats.subjects({"properties": (("url", Hidden(with_login)),)}) == []


def test_a_subject_that_is_not_allowed_is_told_and_one_that_is_needs_no_streams(guarded: NatsServer) -> None:
    bob = (("url", guarded.url), ("user", "bob"), ("password", Hidden("bob-s3cret")))
    with pytest.raises(AuthFailed, match="ask for the permission"):
        Nats(topic="secret.plans", connection="plant", properties=bob).open()
    reader = Nats(topic="public.news", connection="plant", properties=bob).open()
    guarded.publish("public.news", events(0, 1), stored=False, user="alice", password=SECRET)
    assert numbers_in(read(reader, 1)) == [0]
    reader.close()


@pytest.mark.slow
def test_tls_is_used_and_never_done_without(tmp_path: Path, server: NatsServer) -> None:
    made = make_certificates(tmp_path)
    tls = f'tls {{ cert_file: "{made.broker}", key_file: "{tmp_path}/broker.key" }}'
    with running(tls, scheme="tls") as secured:
        trusting = (("url", secured.url), ("ssl_cafile", str(made.authority)))
        reader = Nats(topic="a", connection="plant", properties=trusting).open()
        reader.close()
        with pytest.raises(AuthFailed, match="not to be trusted"):
            Nats(topic="a", url=secured.url).open()
    plain = server.url.replace("nats://", "tls://")
    with pytest.raises(BadSettings, match="does not speak TLS"):
        Nats(topic="a", connection="plant", properties=(("url", plain), ("user", "a"), ("password", "b"))).open()


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"url": ""}, "has no url"),
        ({"url": "http://localhost"}, "the connection's url is no address"),
        ({"user": "alice"}, "half a login"),
        ({"bootstrap_servers": "a"}, "which NATS has no use for"),
        ({"ssl_cafile": "/no/such/file"}, "can't be used"),
        ({"user_credentials": "/no/such/file"}, "check its path|pip install nkeys"),
    ],
)
def test_a_connection_that_makes_no_sense_is_refused(server: NatsServer, more: dict[str, str], complaint: str) -> None:
    properties = {"url": server.url, **more}
    with pytest.raises(BadSettings, match=complaint) as refused:
        Nats(topic="a", connection="plant", properties=tuple(properties.items())).open()
    assert refused.value.setting == "connection"
    assert ": " in str(refused.value)


@pytest.mark.slow
def test_of_several_servers_one_that_is_there_will_do(server: NatsServer) -> None:
    urls = f"nats://127.0.0.1:1,{server.url}"
    reader = Nats(topic="a", connection="plant", properties=(("url", urls),)).open()
    reader.close()


@pytest.mark.parametrize("hello", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"INFO {nonsense\r\n", b""])
def test_what_is_no_nats_server_is_told_soon(hello: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    accepted, _ = listener.accept()
                    with accepted:
                        accepted.sendall(hello)

        threading.Thread(target=answer, daemon=True).start()
        began = time.monotonic()
        with pytest.raises((Unreachable, BadSettings), match="not as NATS does"):
            Nats(topic="a", url=f"nats://127.0.0.1:{listener.getsockname()[1]}").open()
        assert time.monotonic() - began < 9
        listener.shutdown(socket.SHUT_RDWR)


def test_a_feed_shows_history_and_goes_on(server: NatsServer) -> None:
    server.publish("plant.feed.temperature", events(0, 200))
    feed = Feed(Nats(topic="plant.feed.temperature", url=server.url))
    feed.start()
    feed.watch(0.1)
    assert feed.wait_for_history(DEADLINE_S)
    assert feed.seen == 200
    server.publish("plant.feed.temperature", events(200, 1))
    deadline = time.monotonic() + DEADLINE_S
    while feed.seen < 201 and time.monotonic() < deadline:
        feed.watch(0.1)
        feed.wait_for_read(time.time(), 0.2)
    feed.close()
    feed.join(DEADLINE_S)
    assert feed.seen == 201


@pytest.mark.slow
def test_a_peer_that_falls_silent_is_noticed(server: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.nats_reader.LOOK_S", 0.1)
    monkeypatch.setattr("sources.nats_reader.ANSWER_S", 0.3)
    with silent_proxy(server.port) as (port, silence):
        reader = NatsReader(servers_of((), f"nats://127.0.0.1:{port}"), "a", Start("latest"))
        silence.set()
        away = said(reader)
        reader.close()
    assert isinstance(away, Unreachable)


@contextlib.contextmanager
def silent_proxy(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A way to a server on which, from a moment on, everything is lost, as behind a pulled cable."""
    silence = threading.Event()

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not silence.is_set():
                    target.sendall(data)

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(("127.0.0.1", port)) as there,
    ):

        def accept() -> None:
            with contextlib.suppress(OSError):
                here, _ = listener.accept()
                with here:
                    threading.Thread(target=pass_on, args=(there, here), daemon=True).start()
                    pass_on(here, there)

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], silence
