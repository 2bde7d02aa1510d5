"""What a Redis server refuses, and what people are told of it."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sources.errors import AuthFailed, BadSettings, SourceError, Unreachable
from sources.redis import Redis
from tests.servers.redis_server import RedisServer
from tests.sources.contract import numbers_in, read

PASSWORD = "hunter2-s3cret"  # noqa: S105 - a throw-away server's


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """A server that asks for a login."""
    with RedisServer.running("--requirepass", PASSWORD, "--appendfsync", "no") as running:
        with running.client(password=PASSWORD) as client:
            client.xadd("plant:sensors", {"n": 1})
            for name, rules in {
                "reader": ("~plant:*", "&*", "+@read", "+@pubsub"),
                "listener": ("&heard", "+@pubsub"),
                "nobody": ("~other:*", "+@read"),
            }.items():
                client.execute_command("ACL", "SETUSER", name, "on", f">{PASSWORD}", *rules)
        yield running


@pytest.fixture(scope="module")
def encrypted() -> Iterator[RedisServer]:
    """A server that is reached by TLS, and without it at another port."""
    with RedisServer.running("--appendfsync", "no", tls=True) as running:
        with running.client() as client:
            client.xadd("plant:sensors", {"n": 1})
        yield running


def connected(server: RedisServer, channel: str = "plant:sensors", **properties: Any) -> Redis:
    given = {"host": "127.0.0.1", "port": server.port} | properties
    return Redis(channel=channel, start="earliest", properties=tuple((k, str(v)) for k, v in given.items()))


def refusal(source: Redis) -> SourceError:
    with pytest.raises(SourceError) as refused:
        source.open()
    told = refused.value
    assert ": " in str(told)
    assert PASSWORD not in f"{told}{told.__cause__}{source!r}"
    return told


def test_a_login_is_asked_for(server: RedisServer) -> None:
    told = refusal(Redis(channel="plant:sensors", url=server.url))
    assert isinstance(told, AuthFailed)
    assert "asks for a login: add password" in str(told)


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("login", [{"password": "wrong"}, {"username": "reader", "password": "wrong"}])
def test_a_wrong_login_is_refused(server: RedisServer, login: dict[str, str], protocol: int) -> None:
    told = refusal(connected(server, protocol=protocol, **login))
    assert isinstance(told, AuthFailed)
    assert "refused the login: check username and password" in str(told)


def test_a_user_needs_no_more_than_to_read(server: RedisServer) -> None:
    for channel, via in (("plant:sensors", "auto"), ("plant:*", "stream")):
        given = {"url": f"redis://reader:{PASSWORD}@127.0.0.1:{server.port}"}
        source = Redis(channel=channel, via=via, start="1h", properties=tuple(given.items()))
        reader = source.open()
        assert numbers_in(read(reader, 1)) == [1]
        reader.close()


def test_a_user_who_may_listen_alone_is_given_the_channel(server: RedisServer) -> None:
    reader = connected(server, "heard", username="listener", password=PASSWORD).open()
    with server.client(password=PASSWORD) as client:
        client.publish("heard", '{"n": 7}')
    assert numbers_in(read(reader, 1)) == [7]
    reader.close()


@pytest.mark.parametrize(("user", "channel"), [("nobody", "other:a"), ("listener", "unheard")])
def test_a_missing_permission_is_named(server: RedisServer, user: str, channel: str) -> None:
    told = refusal(connected(server, channel, username=user, password=PASSWORD))
    assert isinstance(told, AuthFailed)
    assert "does not let this user read here" in str(told)


@pytest.mark.slow
def test_tls_is_spoken_with_an_authority_of_ones_own(encrypted: RedisServer) -> None:
    assert encrypted.certificates is not None
    given = {"url": encrypted.tls_url, "ssl_ca_certs": encrypted.certificates.authority}
    reader = Redis(
        channel="plant:sensors", start="earliest", properties=tuple((k, str(v)) for k, v in given.items())
    ).open()
    assert numbers_in(read(reader, 1)) == [1]
    waiter = threading.Thread(target=reader.poll, args=(30.0,))
    waiter.start()
    reader.close()
    waiter.join(2.0)
    assert not waiter.is_alive()


@pytest.mark.slow
def test_a_certificate_that_is_not_trusted_is_refused(encrypted: RedisServer) -> None:
    told = refusal(Redis(channel="plant:sensors", url=encrypted.tls_url))
    assert isinstance(told, AuthFailed)
    assert "certificate" in str(told)


@pytest.mark.slow
def test_tls_where_none_is_spoken_is_said(encrypted: RedisServer) -> None:
    told = refusal(Redis(channel="plant:sensors", url=f"rediss://127.0.0.1:{encrypted.port}"))
    assert isinstance(told, Unreachable)  # a server that hangs can't be told from it
    assert "does not speak TLS. Check the port, or write redis://" in str(told)


@pytest.mark.slow
def test_plain_text_where_tls_is_expected_is_said(encrypted: RedisServer) -> None:
    told = refusal(Redis(channel="plant:sensors", url=f"redis://127.0.0.1:{encrypted.tls_port}"))
    assert "expects TLS (rediss://)" in str(told)


def test_nobody_listening_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        told = refusal(Redis(channel="s", url=f"redis://127.0.0.1:{taken.getsockname()[1]}"))
    assert isinstance(told, Unreachable)
    assert "Nothing listens" in str(told)


def test_a_host_that_does_not_exist_is_said() -> None:
    told = refusal(Redis(channel="s", url="redis://nowhere.invalid"))
    assert isinstance(told, Unreachable)
    assert "host name" in str(told)


def test_a_server_of_another_kind_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            accepted, _ = other.accept()
            with accepted:
                accepted.recv(1000)
                accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                accepted.recv(1000)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        told = refusal(Redis(channel="s", url=f"redis://127.0.0.1:{other.getsockname()[1]}"))
        thread.join(5.0)
    assert isinstance(told, BadSettings)
    assert "not as a Redis server does" in str(told)


def test_a_typed_address_of_the_networks_own_services_is_never_connected_to() -> None:
    told = refusal(Redis(channel="s", url="redis://169.254.169.254:80"))
    assert isinstance(told, BadSettings)
    assert told.setting == "url"


def test_a_database_that_is_not_there_is_said(server: RedisServer) -> None:
    told = refusal(connected(server, db=999, password=PASSWORD))
    assert isinstance(told, BadSettings)
    assert "no database of that number" in str(told)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"hostname": "a"}, "'hostname' is no known Redis property: use one of url, host"),
        ({"port": "redis"}, "port is 'redis': write a port"),
        ({"host": ""}, "no server is named: add host"),
        ({"ssl_ca_certs": "/a"}, "ssl_ca_certs is given, but no TLS"),
        ({"ssl": "true", "ssl_keyfile": "/a"}, "go together: add"),
        ({"url": "http://a"}, "the connection's url is no address"),
        ({"db": PASSWORD, "password": PASSWORD}, "db is"),
        ({"ssl": "true", "ssl_ca_certs": "/nowhere.pem"}, "file can't be read: check ssl_ca_certs"),
    ],
)
def test_a_property_that_makes_no_sense_is_named(server: RedisServer, properties: Any, message: str) -> None:
    with pytest.raises(BadSettings) as refused:
        connected(server, **properties).open()
    assert refused.value.setting == "connection"
    assert message in str(refused.value)


def test_a_login_in_a_connections_address_is_never_shown() -> None:
    source = Redis(channel="s", properties=(("url", f"redis://user:{PASSWORD}@nowhere.invalid"),))
    refusal(source)


def test_subjects_of_a_user_who_may_see_nothing_are_refused(server: RedisServer) -> None:
    given = {"host": "127.0.0.1", "port": str(server.port)}
    with pytest.raises(AuthFailed):
        Redis.subjects({"properties": tuple(given.items())})


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (b"-MOVED 3999 10.0.0.7:6381\r\n", BadSettings, "a node of a cluster, and what was asked for is on another"),
        (b"-CLUSTERDOWN Hash slot not served\r\n", Unreachable, "is down: connecting again"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", Unreachable, "still loading"),
        (b"-BUSY Redis is busy running a script.\r\n", Unreachable, "busy with a script"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", Unreachable, "lost its master"),
        (b"-DENIED Redis is running in protected mode\r\n", AuthFailed, "protected mode"),
        (b"-ERR unknown command 'TYPE'\r\n", BadSettings, "Sentinel"),
        (b"-ERR max number of clients reached\r\n", Unreachable, "as many clients as it may"),
    ],
)
def test_what_a_server_says_is_put_into_words(said: bytes, kind: type[SourceError], message: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            accepted, _ = other.accept()
            with accepted:
                accepted.recv(1000)
                accepted.sendall(said)
                accepted.recv(1000)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        told = refusal(Redis(channel="s", via="stream", url=f"redis://127.0.0.1:{other.getsockname()[1]}"))
        thread.join(5.0)
    assert isinstance(told, kind)
    assert message in str(told)
