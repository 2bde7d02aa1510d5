"""Where a page is served to others, no source takes an address from whoever looks at it."""

from dataclasses import fields

import pytest

from sources import SOURCES
from sources.connections import ADDRESSES, PRIVATE, resolve
from sources.errors import BadSettings
from sources.protocol import form_fields
from state.link import read_link
from state.settings import known_settings

SOUNDS_LIKE_AN_ADDRESS = ("url", "host", "server", "address", "path", "file", "port", "uri", "socket")

TYPED = [
    (kind, each.name) for kind, source in SOURCES.items() for each in form_fields(source) if each.name in ADDRESSES
]

EXAMPLES = {"path": "/etc/hostname", "bootstrap_servers": "127.0.0.1:9"}
EXAMPLE_URLS = {
    "http": "http://127.0.0.1:9/",
    "websocket": "ws://127.0.0.1:9/",
    "sql": "sqlite:////etc/hostname",
    "mqtt": "mqtt://127.0.0.1:9",
    "redis": "redis://127.0.0.1:9",
    "nats": "nats://127.0.0.1:9",
}


def example(kind: str, name: str) -> str:
    return EXAMPLES.get(name) or EXAMPLE_URLS[kind]


def test_every_setting_that_sounds_like_an_address_is_known_as_one() -> None:
    sounding = {
        each.name
        for source in SOURCES.values()
        for each in form_fields(source)
        if any(word in each.name.split("_") for word in (*SOUNDS_LIKE_AN_ADDRESS, "urls", "servers", "hosts"))
    }
    assert sounding == {name for _, name in TYPED}


@pytest.mark.parametrize(("kind", "name"), TYPED)
def test_an_address_of_a_link_is_left_out_and_complained_of(kind: str, name: str) -> None:
    link = {"source": [kind], name: [example(kind, name)]}
    board, complaints = read_link(link, sources=SOURCES, views=("kpi",), adhoc=False)
    assert name not in known_settings(board.source)
    assert [each.setting for each in complaints if "takes no addresses from a link" in each.message] == [name]


@pytest.mark.parametrize(("kind", "name"), TYPED)
def test_an_address_that_comes_another_way_is_refused_beside_it(kind: str, name: str) -> None:
    """Also beside a connection, whose password would go there."""
    for given in ({name: example(kind, name)}, {name: example(kind, name), "connection": "plant"}):
        if "connection" in given and "connection" not in {each.name for each in fields(SOURCES[kind])}:
            continue
        with pytest.raises(BadSettings) as refused:
            resolve(SOURCES[kind], given, {"plant": ()}, adhoc=False)
        assert refused.value.setting == name


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, source in SOURCES.items() for name in PRIVATE & {each.name for each in fields(source)}],
)
def test_what_is_private_is_off_whatever_a_link_says(kind: str, name: str) -> None:
    assert resolve(SOURCES[kind], {name: True}, {}, adhoc=False)[name] is False
