"""What one post may hold, and all posts together; and how slow their senders may be, and how many."""

import functools
import gzip
import http.client

import pytest

from sources.push import connection as connection_module
from sources.push import listener as listener_module
from sources.push import posts as posts_module
from sources.push import reader as reader_module
from sources.push.inbox import Inbox
from tests.push.senders import (
    Open,
    curl,
    exchanged,
    numbered,
    post,
    rows,
    url,
    wait_until,
)
from tests.sources.contract import numbers_in, read


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 9000000", b"Transfer-Encoding: chunked"],
)
def test_a_body_that_is_too_large_is_not_read_to_its_end(open_push: Open, port: int, head: bytes) -> None:
    open_push()
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n" if b"chunked" in head else b"x" * 65_536
    answer = b""
    try:
        answer = exchanged(port, b"POST /demo HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n", *[chunk] * 1000)
    except (BrokenPipeError, ConnectionResetError):
        return  # it was cut off while it sent
    assert b" 413 " in answer


def test_too_much_for_one_post_is_told_to_curl(open_push: Open, port: int) -> None:
    open_push()
    assert curl("--data-binary", "@-", url(port), body=b"x" * 4_000_001)[0] == 413
    assert curl("-H", "Content-Type: text/plain", "--data-binary", "@-", url(port), body=b"x\n" * 50_001)[0] == 413


def test_what_is_packed_is_bounded_by_what_it_unpacks_to(open_push: Open, port: int) -> None:
    reader = open_push()
    packed = ("-H", "Content-Encoding: gzip", "--data-binary", "@-", url(port))
    assert curl(*packed, body=gzip.compress(b'{"cpu": 0.5}'))[0] == 204
    assert curl(*packed, body=gzip.compress(bytes(40_000_000)))[0] == 413
    assert curl(*packed, body=gzip.compress(b'{"cpu": 0.5}')[:-9])[0] == 400
    assert rows(read(reader, 1)) == [{"cpu": 0.5}]


def test_faster_than_the_bound_is_refused_whole_and_told_to_both_sides(open_push: Open, port: int) -> None:
    reader = open_push()
    assert post(port, b"1\n" * 50_000) == 204
    status, text = curl("-i", "-H", "Content-Type: text/plain", "--data-binary", "@-", url(port), body=b"2\n" * 50_000)
    assert status == 429
    assert "retry-after: 1" in text.lower()
    batches = read(reader, 50_000)
    assert {row["value"] for row in rows(batches)} == {1}
    [gap] = [gap for batch in batches for gap in batch.gaps]
    assert gap.lost is None
    assert gap.from_us <= gap.until_us


@pytest.mark.slow
def test_a_sender_that_sends_again_leaves_no_gap(open_push: Open, port: int) -> None:
    reader = open_push()
    assert post(port, b"1\n" * 50_000) == 204
    again = ("-H", "Pulseboard-Retries: yes", "-H", "Content-Type: text/plain", "--data-binary", "@-")
    assert curl(*again, url(port), body=b"2\n" * 50_000)[0] == 429
    assert not [gap for batch in read(reader, 50_000) for gap in batch.gaps]


def test_a_full_inbox_refuses_all_of_a_post_for_all_who_watch(
    open_push: Open, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    roomy = open_push()
    monkeypatch.setattr(reader_module, "Inbox", functools.partial(Inbox, most_events=10))
    tight = open_push(format="json")
    assert post(port, numbered(0, 6)) == 204
    assert post(port, numbered(6, 6)) == 429
    assert numbers_in([tight.poll(1)]) == list(range(6))
    assert post(port, numbered(6, 6)) == 204
    assert numbers_in(read(tight, 6)) == list(range(6, 12))
    assert numbers_in(read(roomy, 12)) == list(range(12))


def test_a_post_larger_than_an_inbox_may_stand_alone(
    open_push: Open, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "Inbox", functools.partial(Inbox, most_events=10))
    reader = open_push()
    assert post(port, numbered(0, 20)) == 204
    assert post(port, numbered(20, 1)) == 429
    assert numbers_in(read(reader, 20)) == list(range(20))


def test_a_head_that_drips_is_cut_off(open_push: Open, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "LOOK_S", 0.02)
    monkeypatch.setattr(connection_module, "HEAD_S", 0.1)
    reader = open_push()
    assert exchanged(port, b"POST /demo HTTP/1.1\r\nHost: localh") == b""
    assert curl("-d", '{"cpu": 0.5}', url(port))[0] == 204
    assert len(reader.poll(1)) == 1


def test_a_body_that_drips_is_told_that_it_is_slow(open_push: Open, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts_module, "BODY_S", 0.1)
    reader = open_push()
    answer = exchanged(port, b"POST /demo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\r\n{")
    assert b" 408 " in answer
    assert len(reader.poll(0)) == 0


def test_half_a_post_is_none(open_push: Open, port: int) -> None:
    reader = open_push()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.putrequest("POST", "/demo")
    connection.putheader("Content-Length", "100")
    connection.endheaders(b'{"n": 1}\n')
    connection.close()
    assert post(port, b'{"n": 2}') == 204
    assert numbers_in(read(reader, 1)) == [2]


def test_so_many_connections_and_no_more(open_push: Open, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "MOST_CONNECTIONS", 2)
    open_push()
    held = [http.client.HTTPConnection("127.0.0.1", port) for _ in range(2)]
    for each in held:
        each.request("GET", "/")
        each.getresponse().read()
    assert curl("-d", "1", url(port))[0] == 503
    for each in held:
        each.close()
    wait_until(lambda: curl("-d", "1", url(port))[0] == 204, "there is room again")
