"""Where an HTTP feed may be led, what goes along, and how much it takes in."""

import gzip
import ssl
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sources.connections import Hidden
from sources.errors import AuthFailed, BadSettings, SourceError, Unreachable
from sources.http import Http
from sources.http_client import Client
from sources.http_targets import Target
from tests.kafka.certificates import Certificates, make_certificates
from tests.servers.http import Reply, Request, WebServer, as_json

SECRET = "hunter2"  # noqa: S105 - what must not reach anyone else


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer(lambda _: as_json({"n": 1})) as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[WebServer]:
    """Another origin: the same host at another port."""
    with WebServer(lambda _: as_json({"n": 2})) as running:
        yield running


def moved(location: str, status: int = 302) -> Reply:
    return Reply(b"gone", status, {"Location": location})


def connected(server: WebServer, endpoint: str = "", **more: str) -> Http:
    given = {"url": server.url, "bearer_auth_token": SECRET, "headers.X-Api-Key": SECRET, "params.key": SECRET, **more}
    return Http(endpoint=endpoint, properties=tuple((name, Hidden(text)) for name, text in given.items()))


def rows(settings: Http) -> int:
    reader = settings.open()
    count = len(reader.poll(2))
    reader.close()
    return count


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_its_login_stays_with_its_origin(
    server: WebServer, elsewhere: WebServer, status: int
) -> None:
    server.answer = lambda request: (
        moved("/b", status) if request.path.startswith("/?") else moved(elsewhere.url + "/c")
    )
    assert rows(connected(server)) == 1
    first, second = server.requests
    assert first.path == f"/?key={SECRET}"
    assert first.headers["authorization"] == second.headers["authorization"] == f"Bearer {SECRET}"
    [other] = elsewhere.requests
    assert SECRET not in other.path
    assert SECRET not in str(other.headers)


def test_what_stands_beside_a_redirect_is_not_read(server: WebServer) -> None:
    def endless() -> Iterator[bytes]:
        while not server.stopping.is_set():
            yield b" " * 1_000_000

    server.answer = lambda request: (
        Reply(endless(), 302, {"Location": "/b"}) if request.path == "/" else as_json({"n": 1})
    )
    assert rows(Http(url=server.url)) == 1


def test_a_login_within_a_redirect_is_not_used(server: WebServer, elsewhere: WebServer) -> None:
    server.answer = lambda _: moved(elsewhere.url.replace("//", f"//ada:{SECRET}@"))
    assert rows(Http(url=server.url)) == 1
    assert "authorization" not in elsewhere.requests[0].headers


@pytest.mark.slow
def test_no_cookie_is_kept(server: WebServer) -> None:
    server.answer = lambda request: (
        moved("/b") if request.path == "/" else Reply(b'{"n": 1}', headers={"Set-Cookie": "a=1; Path=/"})
    )
    reader = Http(url=server.url, every="1s").open()
    for _ in range(3):
        reader.poll(1.2)
        if len(server.requests) > 2:
            break
    reader.close()
    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("http://169.254.169.254/latest/meta-data", "never read"),
        ("http://[::ffff:169.254.169.254]/", "never read"),
        ("//169.254.169.254/", "never read"),
        ("/again", "sends on and on"),
        ("file:///etc/passwd", "no web address"),
        ("ftp://localhost/a", "no web address"),
        ("http://[oops", "no web address"),
        ("http://localhost:port/", "no web address"),
    ],
)
def test_a_redirect_that_may_not_be_followed_is_refused_beside_its_setting(
    server: WebServer, location: str, says: str
) -> None:
    server.answer = lambda _: moved(location)
    with pytest.raises(BadSettings, match=says) as refused:
        Http(url=server.url).open()
    assert refused.value.setting == "url"
    assert len(server.requests) <= 6


def test_an_endpoint_leads_to_no_other_host(server: WebServer) -> None:
    """A path that a viewer types must not turn a connection's server into a door to others."""
    server.answer = lambda _: moved("http://localhost:9/admin")
    with pytest.raises(BadSettings, match="another host") as refused:
        connected(server, "go?to=there").open()
    assert refused.value.setting == "endpoint"
    assert SECRET not in str(refused.value)


def test_a_metadata_address_is_never_connected_to() -> None:
    for url in ("http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://2852039166/"):
        with pytest.raises(BadSettings, match="never read"):
            Http(url=url).open()


def test_no_proxy_of_the_environment_takes_part(
    server: WebServer, elsewhere: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login ada password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, elsewhere.url)
    assert rows(Http(url=server.url)) == 1
    assert not elsewhere.requests
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("pack", ["gzip", "deflate", "raw"])
def test_a_packed_answer_is_unpacked(server: WebServer, pack: str) -> None:
    body = b'{"n": 1, "text": "' + b"a" * 200_000 + b'"}'
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "raw": raw.compress(body) + raw.flush(),
    }
    encoding = "gzip" if pack == "gzip" else "deflate"
    server.answer = lambda _: Reply(packed[pack], headers={"Content-Encoding": encoding})
    assert rows(Http(url=server.url)) == 1


def test_what_would_unpack_to_gigabytes_is_given_up_early(server: WebServer) -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(60)) + packer.flush()
    server.answer = lambda _: Reply(bomb, headers={"Content-Encoding": "gzip"})
    target = Target(server.url, server.url, "url")
    client = Client()
    with client.ask(target, {}) as answer:
        parts = answer.parts()
        assert max(len(next(parts)) for _ in range(50)) <= 65_536
    with pytest.raises(BadSettings, match="more than 32 MB") as refused:
        Http(url=server.url).open()
    assert refused.value.setting == "url"
    client.close()


def test_a_body_of_any_length_is_given_up_at_the_same_size(server: WebServer) -> None:
    def endless() -> Iterator[bytes]:
        while not server.stopping.is_set():
            yield b" " * 1_000_000

    server.answer = lambda _: Reply(endless())
    with pytest.raises(BadSettings, match="more than 32 MB"):
        Http(url=server.url).open()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def secure(certificates: Certificates) -> Iterator[WebServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.broker)
    with WebServer(lambda _: as_json({"n": 1}), tls=context) as running:
        yield running


def test_a_certificate_is_checked(secure: WebServer, certificates: Certificates) -> None:
    url = secure.url.replace("127.0.0.1", "localhost")
    with pytest.raises(AuthFailed, match="verify"):
        Http(url=url).open()
    assert not secure.requests
    given = (("url", url), ("verify", str(certificates.authority)))
    assert rows(Http(properties=given)) == 1


def test_nobody_is_led_from_https_to_http(secure: WebServer, server: WebServer, certificates: Certificates) -> None:
    secure.answer = lambda _: moved(server.url)
    given = (("url", secure.url.replace("127.0.0.1", "localhost")), ("verify", str(certificates.authority)))
    with pytest.raises(BadSettings, match="anyone could listen"):
        Http(properties=given).open()
    assert not server.requests


@pytest.mark.parametrize(("name", "text"), [("verify", "/no/such/file"), ("cert", "/no/such/file")])
def test_a_file_that_is_not_there_is_named(secure: WebServer, name: str, text: str) -> None:
    with pytest.raises(BadSettings, match="check the path") as refused:
        Http(properties=(("url", secure.url), (name, text))).open()
    assert refused.value.setting == "connection"


def test_https_to_a_server_without_tls_says_so(server: WebServer) -> None:
    with pytest.raises(SourceError) as refused:
        Http(url=server.url.replace("http:", "https:")).open()
    assert "TLS" in str(refused.value) or isinstance(refused.value, Unreachable)


@pytest.mark.parametrize(
    "reply",
    [Reply(status=404), Reply(status=401), Reply(status=500), Reply(b"<html>"), Reply(b"", breaks=True, length=5)],
)
def test_no_error_holds_what_a_connection_keeps_secret(server: WebServer, reply: Reply) -> None:
    server.answer = lambda _: reply
    with pytest.raises(SourceError) as refused:
        connected(server, url=f"{server.url}/{SECRET}/a").open()
    error: BaseException | None = refused.value
    while error is not None:
        assert SECRET not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_each_question_names_nothing_but_what_it_must(server: WebServer) -> None:
    rows(Http(url=server.url))
    request: Request = server.requests[0]
    assert set(request.headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
