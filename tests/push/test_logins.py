"""Who may post, and where a connection says that it is listened."""

from pathlib import Path

import pytest

from sources.connections import resolve
from sources.errors import BadSettings
from sources.push import Push
from sources.push.address import PORT_VARIABLE
from tests.kafka.certificates import make_certificates
from tests.push.senders import EVERYWHERE, TOKEN, Open, curl, is_open, rows, url
from tests.sources.contract import read


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 401),
        (("-H", "Authorization: Bearer wrong"), 401),
        (("-H", f"Authorization: Basic {TOKEN}"), 401),
        (("-H", f"Authorization: Bearer {TOKEN}x"), 401),
        (("-H", f"Authorization: Bearer {TOKEN}"), 204),
        (("-H", f"Authorization: bearer {TOKEN}", "-H", "Host: board.example", "-H", "Origin: https://a.example"), 204),
    ],
)
def test_a_token_is_what_is_asked_for_where_there_is_one(
    open_push: Open, port: int, arguments: tuple[str, ...], status: int
) -> None:
    open_push(properties=(("token", TOKEN), ("host", EVERYWHERE)))
    got, text = curl("-i", "-d", "1", url(port), *arguments)
    assert got == status
    assert TOKEN not in text
    assert status == 204 or "www-authenticate: bearer" in text.lower()


def test_a_token_shows_nowhere(port: int) -> None:
    push = Push(name="demo", properties=(("token", TOKEN), ("host", EVERYWHERE)))
    assert TOKEN not in repr(push) + push.invitation
    assert EVERYWHERE not in push.invitation
    assert "$PULSEBOARD_PUSH_TOKEN" in push.invitation


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"host": EVERYWHERE}, "token"),
        ({"host": "::"}, "token"),
        ({"host": "board.example"}, "token"),
        ({"host": EVERYWHERE, "token": "sh0rt"}, "16"),
        ({"token": "sh0rt"}, "16"),
        ({"token": ""}, "empty"),
        ({"token": "two words and more of them"}, "blanks"),
        ({"port": "many"}, "65535"),
        ({"port": "0"}, "65535"),
        ({"port": "70000"}, "65535"),
        ({"ssl_keyfile": "key.pem"}, "ssl_certfile"),
        ({"ssl_certfile": "/no/such/file.pem"}, "ssl_certfile"),
        ({"hostt": "a"}, "hostt"),
        ({"host": "192.0.2.1", "token": TOKEN}, "not of this machine"),
    ],
)
def test_a_connection_that_makes_no_sense_is_refused(port: int, properties: dict[str, str], told: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Push(name="demo", properties=tuple(properties.items())).open()
    assert refused.value.setting == "connection"
    assert told in str(refused.value)
    assert ": " in str(refused.value)
    assert properties.get("token") not in str(refused.value).split()
    assert not is_open(port)


def test_a_port_in_the_environment_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PORT_VARIABLE, "http")
    with pytest.raises(BadSettings, match=PORT_VARIABLE):
        Push(name="demo")


def test_a_connection_is_needed_only_where_one_is_set_up() -> None:
    """Without one, it listens where this machine's own programs alone can post."""
    known = {"plant": (("token", TOKEN),)}
    assert resolve(Push, {"name": "demo"}, {}, adhoc=False) == {"name": "demo"}
    assert resolve(Push, {"name": "demo"}, known, adhoc=True)["properties"] == known["plant"]
    with pytest.raises(BadSettings):
        resolve(Push, {"name": "demo"}, known | {"lab": ()}, adhoc=True)
    with pytest.raises(BadSettings):
        resolve(Push, {"name": "demo", "connection": "unknown"}, {}, adhoc=True)


def test_posts_come_over_tls(open_push: Open, port: int, tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    reader = open_push(properties=(("ssl_certfile", str(files.broker)),))
    there = f"https://localhost:{port}/demo"
    assert curl("--cacert", str(files.authority), "-d", '{"cpu": 0.5}', there)[0] == 204
    assert curl("--cacert", str(files.stranger), "-d", '{"cpu": 0.6}', there)[0] == 0
    assert curl("-d", '{"cpu": 0.7}', url(port))[0] == 0
    assert rows(read(reader, 1)) == [{"cpu": 0.5}]
