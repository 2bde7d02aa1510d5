"""What people write to say what they want to see: links, boards, connections, settings."""

import contextlib
import tempfile
import tomllib
from dataclasses import fields
from pathlib import Path
from urllib.parse import parse_qs

from sources import SOURCES
from sources.connections import connections, resolve
from sources.errors import BadSettings
from sources.protocol import form_fields
from state.boards import load_board
from state.link import read_link, write_link
from state.live import Live
from tests.poison.board import NOW, fed

VIEWS = ("chart", "table")


def link(data: bytes) -> None:
    """Query parameters, which a board is made of, whose link is the same board."""
    params = parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True)
    for adhoc in (True, False):
        board, complaints = read_link(params, sources=SOURCES, views=VIEWS, adhoc=adhoc)
        assert all(each.message for each in complaints)
        again = {name: each if isinstance(each, list) else [each] for name, each in write_link(board).items()}
        assert write_link(read_link(again, sources=SOURCES, views=VIEWS, adhoc=True)[0]) == write_link(board)
        assert board.window_s > 0
        assert board.refresh_s > 0
        assert board.at_us is None or board.at_us >= 0
        assert board.range_us is None or board.range_us[0] < board.range_us[1]
        feed = fed()
        Live(feed, board.choice(feed.schema.offer), clock=lambda: NOW)._compute()


def board_file(data: bytes) -> None:
    """A saved board."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.toml").write_bytes(data)
        with contextlib.suppress(ValueError):
            read_link(load_board("a", Path(folder)), sources=SOURCES, views=VIEWS, adhoc=True)


def secrets(data: bytes) -> None:
    """Connections as an operator writes them."""
    try:
        given = tomllib.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return
    for kind in SOURCES.values():
        known = connections(given, {"KAFKA_BOOTSTRAP_SERVERS": data[:50].decode("utf-8", "replace")}, kind.kind)
        for name in [*known, ""]:
            with contextlib.suppress(BadSettings):
                names = {each.name for each in fields(kind)}
                kind(**resolve(kind, {"connection": name} if "connection" in names else {}, known, adhoc=False))


def settings(data: bytes) -> None:
    """Every source with every setting so, which it takes or refuses."""
    text = data.decode("utf-8", "replace")
    for kind in SOURCES.values():
        for each in form_fields(kind):
            if isinstance(each.default, str):
                with contextlib.suppress(BadSettings):
                    kind(**{each.name: text})
