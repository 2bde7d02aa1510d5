"""What is answered to a request, and which events are in one that is taken."""

import http.client
from typing import Any

import pytest

from tests.push.senders import Open, curl, post, rows, url
from tests.sources.contract import numbers_in, read


def test_a_post_of_curl_is_an_event(open_push: Open, port: int) -> None:
    reader = open_push()
    assert curl("-d", '{"cpu": 0.5}', url(port)) == (204, "")
    assert rows(read(reader, 1)) == [{"cpu": 0.5}]


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b'{"a": 1}\n\n{"a": 2}\r\n', "application/x-www-form-urlencoded", [{"a": 1}, {"a": 2}]),
        (b'{\n "a": 1\n}', "application/json", [{"a": 1}]),
        (b'[{"a": 1},\n {"a": 2}]', "application/json", [{"a": 1}, {"a": 2}]),
        (b"a 1\nb 2\n", "text/plain", [{"message": "a 1"}, {"message": "b 2"}]),
        (b"host,ms\nx,1\ny,2\n", "text/csv", [{"host": "x", "ms": 1}, {"host": "y", "ms": 2}]),
        (b"level=info ms=3", "application/x-www-form-urlencoded", [{"level": "info", "ms": 3}]),
    ],
)
def test_a_body_is_one_message_or_a_message_a_line(
    open_push: Open, port: int, body: bytes, content_type: str, expected: list[dict[str, Any]]
) -> None:
    reader = open_push()
    assert post(port, body, content_type=content_type) == 204
    assert rows(read(reader, len(expected))) == expected


def test_a_line_that_cannot_be_read_is_malformed_and_its_neighbours_are_kept(open_push: Open, port: int) -> None:
    reader = open_push()
    assert post(port, b'{"a": 1}\noops\n{"a": 3}\n') == 204
    batches = read(reader, 2)
    assert rows(batches) == [{"a": 1}, {"a": 3}]
    assert sum(batch.malformed for batch in batches) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("/",), 200, "Pulseboard listens"),
        (("/demo",), 200, "curl -d"),
        (("/demo", "-X", "PUT", "-d", "x"), 405, "POST"),
        (("/demo", "-X", "OPTIONS"), 405, "POST"),
        (("/", "-d", "x"), 404, "/NAME"),
        (("/demo/more", "-d", "x"), 404, "/NAME"),
        (("/%2e%2e", "-d", "x"), 404, "/NAME"),
        (("/other", "-d", "x"), 404, "?source=push&name=other"),
        (("/demo", "-d", ""), 400, "empty"),
        (("/demo?token=hunter2", "-d", "x"), 400, "Authorization"),
        (("/demo", "-d", "x", "-H", "Content-Encoding: br"), 415, "gzip"),
        (("/demo", "-d", "x", "-H", "Content-Encoding: gzip"), 400, "gzip"),
        (("/demo", "-d", "x", "-H", "Origin: https://evil.example"), 403, "program"),
        (("/demo", "-d", "x", "-H", "Origin: null"), 403, "program"),
        (("/", "-H", "Sec-Fetch-Site: cross-site"), 403, "program"),
        (("/demo", "-d", "x", "-H", "Host: evil.example"), 403, "localhost"),
        (("/", "-H", "Host: evil.example"), 403, "localhost"),
    ],
)
def test_what_is_not_taken_says_what_to_do(
    open_push: Open, port: int, arguments: tuple[str, ...], status: int, told: str
) -> None:
    reader = open_push()
    got, text = curl("--path-as-is", f"http://127.0.0.1:{port}{arguments[0]}", *arguments[1:])
    assert (got, told in text) == (status, True), text
    assert "hunter2" not in text
    assert len(reader.poll(0)) == 0


def test_no_page_is_let_read_an_answer(open_push: Open, port: int) -> None:
    open_push()
    for more in ((), ("-X", "OPTIONS", "-H", "Origin: https://evil.example")):
        assert "access-control" not in curl("-i", url(port), *more)[1].lower()


@pytest.mark.parametrize("host", ["localhost", "[::1]"])
def test_localhost_is_this_machine_by_either_protocol(open_push: Open, port: int, host: str) -> None:
    reader = open_push()
    assert curl("-g", "-d", '{"cpu": 0.5}', f"http://{host}:{port}/demo")[0] == 204
    assert rows(read(reader, 1)) == [{"cpu": 0.5}]


def test_one_connection_carries_many_posts_in_their_order(open_push: Open, port: int) -> None:
    reader = open_push()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    kept = connection.sock
    for number in range(200):
        connection.request("POST", "/demo", b'{"n": %d}' % number)
        assert connection.getresponse().read() == b""
    assert connection.sock is kept
    connection.close()
    assert numbers_in(read(reader, 200)) == list(range(200))
