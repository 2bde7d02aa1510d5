"""Each source set up by hand, as a viewer would, and read from its real counterpart: the board shows what that was given."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.watching import choose_offered, set_up, wait_for_age, wait_for_events, wait_for_figures
from tests.servers import http
from tests.servers.exporter import node_exporter
from tests.servers.http import Reply, Request, WebServer, as_json
from tests.servers.mosquitto import mosquitto_or_skip
from tests.servers.mqtt_publisher import Publisher
from tests.servers.nats import NatsServer
from tests.servers.or_skip import or_skip
from tests.servers.postgres import Postgres
from tests.servers.redis_server import RedisServer
from tests.servers.websocket import serving
from views.numbers import number

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ROOMS = {"kitchen": 21.5, "cellar": 12.25}
SHOWN = {"kitchen": "21.5", "cellar": "12.25"}
VIEWS = {"views": "kpi,series,health"}
NAMES = ("kpi", "series", "health")


def readings(count: int) -> list[dict[str, Any]]:
    """So many events of both rooms, of the last seconds."""
    now = time.time()
    rooms = list(ROOMS) * count
    return [
        {"id": n, "time": now - 5 + n / 1000, "room": rooms[n], "temperature": ROOMS[rooms[n]]} for n in range(count)
    ]


def opens_the_same(open_board: OpenBoard, board: BoardPage, count: int, shown: dict[str, str] = SHOWN) -> None:
    """Whoever opens the link has the same settings, the same events and the same figures."""
    colleague = open_board(board.page.url.split("?", 1)[1])
    colleague.wait_for_board(NAMES)
    wait_for_figures(colleague, shown)
    wait_for_events(colleague, count)
    assert colleague.query() == board.query()


def test_a_json_endpoint_is_polled_after_its_history_and_counts_each_event_once(open_board: OpenBoard) -> None:
    every = readings(70)
    served = {"/old": every[:40], "/new": every[30:60]}
    with WebServer(lambda request: as_json({"readings": served[request.path]})) as server:
        board = open_board(VIEWS)
        set_up(board, "HTTP", {"URL": f"{server.url}/new", "Ask every": "1s", "History URL": f"{server.url}/old"})
        board.wait_for_board(NAMES)
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 60)
        wait_for_age(board, "polled every 1 s")
        asked = len(server.requests)
        board.wait_for_query(source="http", url=f"{server.url}/new", history_url=f"{server.url}/old", every="1s")
        served["/new"] = every[30:]
        wait_for_events(board, 70)
        board.wait_for_frames(2)
        assert len(server.requests) > asked
        opens_the_same(open_board, board, 70)


def test_server_sent_events_are_pushed(open_board: OpenBoard) -> None:
    done = threading.Event()

    def stream() -> Iterator[bytes]:
        for each in readings(50):
            yield b"data: %s\n\n" % json.dumps(each).encode()
        while not done.wait(1):
            yield b": still here\n\n"

    def answer(_: Request) -> Reply:
        return http.events(stream())

    with WebServer(answer) as server:
        board = open_board(VIEWS)
        set_up(board, "HTTP", {"URL": f"{server.url}/stream"})
        board.wait_for_board(NAMES)
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 50)
        wait_for_age(board, "pushed")
        board.wait_for_query(source="http", url=f"{server.url}/stream")
        opens_the_same(open_board, board, 50)
        done.set()


def test_an_exporter_s_metrics_have_the_values_that_it_tells(open_board: OpenBoard) -> None:
    with node_exporter() as url:
        board = open_board(VIEWS)
        set_up(board, "HTTP", {"URL": url})
        board.wait_for_board(NAMES)
        wait_for_age(board, "polled every 5 s")
        board.find("Value", "node_memory_MemTotal_bytes")
        board.choose("Group by", "No split")
        total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
        wait_for_figures(board, {"node_memory_MemTotal_bytes": number(total)})
        board.wait_for_query(source="http", url=url, value="node_memory_MemTotal_bytes", by="none")


def test_a_web_socket_is_subscribed_to_with_the_text_that_is_typed(open_board: OpenBoard) -> None:
    def handle(connection: ServerConnection) -> None:
        if json.loads(connection.recv()) == {"subscribe": "rooms"}:
            for each in readings(50):
                connection.send(json.dumps(each))
        for _ in connection:
            pass

    with serving(handle) as url:
        board = open_board(VIEWS)
        subscribe = '{"subscribe": "rooms"}'
        set_up(board, "WebSocket", {"Address": url, "Subscribe with": subscribe})
        board.wait_for_board(NAMES)
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 50)
        wait_for_age(board, "pushed")
        board.wait_for_query(source="websocket", url=url, subscribe=subscribe)
        opens_the_same(open_board, board, 50)


def test_a_table_of_postgresql_is_chosen_from_those_there_are(open_board: OpenBoard) -> None:
    with or_skip(Postgres.start()) as server, server.owner() as connection:
        connection.execute("create table nothing (id serial primary key)")
        connection.execute(
            "create table readings (id serial primary key, at timestamptz default now(), room text, temperature float)"
        )

        def insert(count: int) -> None:
            rows = [(each["room"], each["temperature"]) for each in readings(count)]
            with connection.cursor() as cursor:
                cursor.executemany("insert into readings (room, temperature) values (%s, %s)", rows)

        insert(60)
        board = open_board(VIEWS)
        set_up(board, "SQL", {"Address": server.open_url})
        assert choose_offered(board, "Table", "readings") == ["nothing", "readings"]
        board.wait_for_board(NAMES)
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 60)
        wait_for_age(board, "polled every 2 s")
        insert(20)
        wait_for_events(board, 80)
        board.wait_for_query(source="sql", url=server.open_url, table="readings")
        opens_the_same(open_board, board, 80)


def test_a_query_of_an_sqlite_file_is_written_in_the_form(open_board: OpenBoard, tmp_path: Path) -> None:
    path = tmp_path / "rooms.sqlite"

    def insert(count: int) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("create table if not exists t (id integer primary key, at real, room, temperature real)")
            rows = [(each["time"], each["room"], each["temperature"]) for each in readings(count)]
            connection.executemany("insert into t (at, room, temperature) values (?, ?, ?)", rows)

    insert(60)
    query = "select *\nfrom t\nwhere id > :last and temperature > 0"
    board = open_board(VIEWS)
    set_up(board, "SQL", {"Address": f"sqlite:///{path}", "Query": query, "Start at": "earliest", "Ask every": "0.5s"})
    board.wait_for_board(NAMES)
    wait_for_figures(board, SHOWN)
    wait_for_events(board, 60)
    wait_for_age(board, "polled every 500 ms")
    insert(20)
    wait_for_events(board, 80)
    board.wait_for_query(source="sql", url=f"sqlite:///{path}", query=query, start="earliest", every="0.5s")
    opens_the_same(open_board, board, 80)


def test_topics_of_mqtt_are_chosen_from_those_that_are_heard(open_board: OpenBoard) -> None:
    with mosquitto_or_skip() as broker, Publisher.at(broker.port) as publisher:
        for room in ROOMS:
            publisher.publish(f"house/{room}/temperature", "1", retain=True)
        board = open_board(VIEWS)
        set_up(board, "MQTT", {"Address": broker.url})
        choose_offered(board, "Topic", "house/+/temperature")
        wait_for_age(board, "pushed")
        for room, temperature in list(ROOMS.items()) * 20:
            publisher.publish(f"house/{room}/temperature", str(temperature))
        board.wait_for_board(NAMES)
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 40)
        board.wait_for_query(source="mqtt", url=broker.url, topic="house/+/temperature")
        opens_the_same(open_board, board, 40)


def test_a_stream_of_redis_begins_with_its_history_and_a_channel_with_what_is_heard(open_board: OpenBoard) -> None:
    with RedisServer.running() as server, server.client() as client:

        def add(count: int) -> None:
            for each in readings(count):
                client.xadd("rooms", {"room": each["room"], "temperature": each["temperature"]})

        add(60)
        board = open_board(VIEWS)
        set_up(board, "Redis", {"Address": server.url})
        assert choose_offered(board, "Stream or channel", "rooms") == ["rooms"]
        board.wait_for_board(NAMES)
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 60)
        wait_for_age(board, "pushed")
        add(20)
        wait_for_events(board, 80)
        board.wait_for_query(source="redis", url=server.url, channel="rooms")
        opens_the_same(open_board, board, 80)

        board.type("Stream or channel", "heard")
        board.wait_for_query(channel="heard")
        wait_for_age(board, "no event yet · pushed")
        for each in readings(30):
            assert client.publish("heard", json.dumps(each)) == 1  # one subscriber: each feed is read once
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 30)


def test_a_subject_of_nats_begins_with_what_its_stream_keeps(open_board: OpenBoard) -> None:
    with or_skip(NatsServer.start()) as server, ThreadPoolExecutor(1) as elsewhere:
        # Not in this thread: Playwright's event loop runs in it.
        elsewhere.submit(server.stream, "rooms", "rooms.>").result()

        def send(count: int) -> None:
            payloads = [json.dumps(each).encode() for each in readings(count)]
            elsewhere.submit(server.publish, "rooms.inside", payloads).result()

        send(60)
        board = open_board(VIEWS)
        set_up(board, "NATS", {"Address": server.url})
        choose_offered(board, "Subject", "rooms.inside")
        board.wait_for_board(NAMES)
        wait_for_figures(board, SHOWN)
        wait_for_events(board, 60)
        wait_for_age(board, "pushed")
        send(20)
        wait_for_events(board, 80)
        board.wait_for_query(source="nats", url=server.url, topic="rooms.inside")
        opens_the_same(open_board, board, 80)
