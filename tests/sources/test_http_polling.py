"""A URL that is asked again and again: a real server on loopback answers."""

import gzip
import itertools
import time
from collections.abc import Iterator

import pytest

from sources import http_fetching
from sources.batch import Delivery
from sources.errors import AuthFailed, BadSettings, NotFound, SourceError, Unreachable
from sources.http import Http
from sources.http_client import Client
from sources.http_reader import HttpReader
from state.feed import Feed
from tests.servers.http import Reply, Request, WebServer, as_json
from tests.sources.http_reading import read_until

AT_S = 1_700_000_000


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer(lambda _: as_json({"n": 1})) as running:
        yield running


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask every twentieth of a second where the settings say every second, which is the least they can."""
    monkeypatch.setattr(http_fetching, "parse_duration", lambda text: 0.05 if text == "1s" else 3600.0)


def in_turn(server: WebServer, *replies: Reply) -> None:
    """Answer so, and then the last one for ever."""
    answers = itertools.chain(replies, itertools.repeat(replies[-1]))
    server.answer = lambda _: next(answers)


def opened(server: WebServer, path: str = "/", **more: str) -> HttpReader:
    reader = Http(url=server.url + path, **{"every": "1s", **more}).open()
    assert isinstance(reader, HttpReader)
    return reader


def test_an_object_is_a_sample_with_each_answer_at_the_time_of_its_question(server: WebServer) -> None:
    reader = opened(server)
    read = read_until(reader, lambda read: len(read.rows) >= 4)
    reader.close()
    assert read.column("n") == [1] * len(read.rows)
    asked = [request.at for request in server.requests]
    for row, at in zip(read.rows, asked, strict=False):
        assert 0 <= at - row["_timestamp"].timestamp() < 1
    assert read.batches[-1].delivery == Delivery(0.05)


def test_a_list_of_trades_is_counted_once(server: WebServer) -> None:
    trades = [{"time": AT_S + each, "price": 1.5} for each in range(9)]
    in_turn(server, as_json(trades[:5]), as_json(trades[:5]), as_json(trades[2:7]), as_json({"data": trades[4:]}))
    reader = opened(server)
    read = read_until(reader, lambda read: len(read.rows) >= 7)
    reader.close()
    assert read.column("time")[:7] == [trade["time"] for trade in trades[:7]]
    assert not read.gaps


def test_rows_are_picked_from_where_they_are_said_to_be(server: WebServer) -> None:
    server.answer = lambda _: as_json({"ok": 1, "result": {"rooms": [{"t": 1.5}], "other": [{"x": 1}]}})
    reader = opened(server, items="result.rooms")
    read = read_until(reader, lambda read: len(read.rows) >= 2)
    reader.close()
    assert set(read.rows[0]) == {"t", "_timestamp"}
    with pytest.raises(BadSettings, match="there is rooms, other") as refused:
        opened(server, items="result.doors")
    assert refused.value.setting == "items"


def test_an_answer_without_the_rows_is_malformed_later_on(server: WebServer) -> None:
    in_turn(server, as_json({"rows": [{"t": 1.5}]}), as_json({"error": "soon"}), as_json({"rows": [{"t": 2.5}]}))
    reader = opened(server, items="rows")
    read = read_until(reader, lambda read: 2.5 in read.column("t"))
    reader.close()
    assert sum(batch.malformed for batch in read.batches) == 1


def test_csv_is_read_with_its_header_in_each_answer(server: WebServer) -> None:
    def answer(_: Request) -> Reply:
        at = len(server.requests)
        lines = [f"2026-01-01T00:00:{each:02}Z,{each}.5" for each in range(at, at + 4)]
        return Reply("\n".join(["time,level", *lines]).encode(), headers={"Content-Type": "text/csv"})

    server.answer = answer
    reader = opened(server)
    read = read_until(reader, lambda read: len(read.rows) >= 8)
    reader.close()
    levels = read.column("level")
    assert levels == [1.5 + each for each in range(len(levels))]


def test_histograms_become_quantiles_and_counters_stay(server: WebServer) -> None:
    def answer(_: Request) -> Reply:
        n = len(server.requests)
        text = (
            f'# TYPE t histogram\nt_bucket{{le="1"}} {n}\nt_bucket{{le="2"}} {3 * n}\nt_bucket{{le="+Inf"}} {3 * n}\n'
            f"t_sum {4 * n}\nt_count {3 * n}\n# TYPE hits_total counter\nhits_total {n}\n"
        )
        return Reply(text.encode(), headers={"Content-Type": "text/plain; version=0.0.4"})

    server.answer = answer
    reader = opened(server)
    read = read_until(reader, lambda read: "t_p95" in read.column("metric"))
    reader.close()
    assert {"t_sum", "t_count", "hits_total"} <= set(read.column("metric"))
    assert "t_bucket" not in read.column("metric")
    assert next(row["value"] for row in read.rows if row["metric"] == "t_p50") == pytest.approx(1.25)


def test_not_modified_is_the_same_answer_again(server: WebServer) -> None:
    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"7"' and "if-modified-since" in request.headers:
            return Reply(status=304)
        return as_json({"t": 20.5}) if request.path == "/gauge" else as_json({"t": 20.5, "time": AT_S})

    def tagged(request: Request) -> Reply:
        reply = answer(request)
        reply.headers = {"ETag": '"7"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return reply

    server.answer = tagged
    gauge, event = opened(server, "/gauge"), opened(server, "/event")
    assert len(read_until(gauge, lambda read: len(read.rows) >= 3).rows) >= 3
    asked = len(server.requests)
    read = read_until(event, lambda _: len(server.requests) > asked + 4)
    gauge.close()
    event.close()
    assert len(read.rows) == 1


def test_history_is_read_once_before_what_is_live(server: WebServer) -> None:
    past = [{"time": AT_S + each, "n": each} for each in range(50)]

    def answer(request: Request) -> Reply:
        return as_json(past[::-1]) if request.path == "/past" else as_json([*past[-3:], {"time": AT_S + 50, "n": 50}])

    server.answer = answer
    reader = opened(server, "/live", history_url=server.url + "/past")
    read = read_until(reader, lambda read: 50 in read.column("n"))
    reader.close()
    assert read.column("n") == list(range(51))
    assert [request.path for request in server.requests].count("/past") == 1


@pytest.mark.slow
def test_a_long_history_comes_in_pieces_that_say_how_much_waits(server: WebServer) -> None:
    rows = ("\n".join(["time,n", *(f"{AT_S + each},{each}" for each in range(45_000))])).encode()
    server.answer = lambda request: Reply(rows) if request.path == "/past" else as_json({"time": AT_S + 9e4, "n": 1})
    reader = opened(server, history_url=server.url + "/past")
    batches = [reader.poll(0.5) for _ in range(4)]
    reader.close()
    assert [len(batch) for batch in batches[:3]] == [20_000, 20_000, 5_000]
    assert [sum(batch.lag.values()) for batch in batches[:2]] == [25_000, 5_000]
    assert len(batches[3]) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (Reply(b"<!DOCTYPE html><p>hello"), BadSettings, "web page, not data: give the address"),
        (Reply(b"<?xml version='1.0'?><a/>"), BadSettings, "XML"),
        (Reply(status=404), NotFound, "check the path"),
        (Reply(status=401), AuthFailed, "connection"),
        (Reply(status=403), AuthFailed, "permission"),
        (Reply(status=400), BadSettings, "parameters"),
        (Reply(status=500), Unreachable, "asking again"),
        (Reply(status=503, headers={"Retry-After": "7"}), Unreachable, "in 7 s"),
        (Reply(b"", breaks=True, length=9), Unreachable, "asking again"),
        (Reply(b'{"n": ', breaks=True, length=900), Unreachable, "asking again"),
        (Reply(gzip.compress(b"1" * 999)[:-20], headers={"Content-Encoding": "gzip"}), Unreachable, "broke"),
        (Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}), Unreachable, "unpacked"),
    ],
)
def test_a_first_answer_that_is_no_data_says_what_to_do(
    server: WebServer, reply: Reply, kind: type[SourceError], says: str
) -> None:
    server.answer = lambda _: reply
    with pytest.raises(kind) as refused:
        opened(server, "/api?q=hello")
    assert says in str(refused.value)
    assert "hello" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_one_bad_answer_among_good_ones_is_waited_out_and_told(server: WebServer) -> None:
    good = as_json({"n": 1})
    in_turn(
        server,
        good,
        Reply(status=500),
        Reply(b"<html>", headers={"Content-Type": "text/html"}),
        Reply(status=404),
        good,
    )
    reader = opened(server)
    read = read_until(reader, lambda read: bool(read.gaps))
    reader.close()
    assert len(read.said) >= 3
    assert read.gaps[0].from_us < read.gaps[0].until_us
    assert read.gaps[0].why


def test_an_outage_over_which_the_window_reaches_has_lost_nothing(server: WebServer) -> None:
    rows = [{"time": AT_S + each, "n": each} for each in range(20)]
    in_turn(server, as_json(rows[:9]), as_json(rows[2:11]), Reply(status=500), as_json(rows[4:13]))
    reader = opened(server)
    read = read_until(reader, lambda read: len(read.rows) >= 13)
    reader.close()
    assert read.column("n") == list(range(13))
    assert read.said
    assert not read.gaps


def test_events_that_went_by_between_two_answers_are_told(server: WebServer) -> None:
    rows = [{"time": AT_S + each, "n": each} for each in range(40)]
    in_turn(server, as_json(rows[:9]), as_json(rows[2:11]), as_json(rows[30:39]))
    reader = opened(server)
    read = read_until(reader, lambda read: bool(read.gaps))
    reader.close()
    assert "ask more often" in read.gaps[0].why


@pytest.mark.slow
def test_too_many_questions_are_followed_by_none_for_as_long_as_the_server_asks(server: WebServer) -> None:
    in_turn(server, as_json({"n": 1}), Reply(status=429, headers={"Retry-After": "1"}), as_json({"n": 2}))
    reader = opened(server)
    read = read_until(reader, lambda read: 2 in read.column("n"))
    reader.close()
    assert len(server.requests) >= 3
    assert 0.9 <= server.requests[2].at - server.requests[1].at <= 3
    assert "429" in read.said[0]


@pytest.mark.slow
def test_a_slow_server_is_asked_once_at_a_time_and_the_interval_says_so(server: WebServer) -> None:
    at_once, most = [0], [0]

    def slow(_: Request) -> Reply:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        server.stopping.wait(0.12)
        at_once[0] -= 1
        return as_json({"n": 1})

    server.answer = slow
    reader = opened(server)
    read = read_until(reader, lambda read: len(read.rows) >= 3)
    reader.close()
    assert most == [1]
    assert read.batches[-1].delivery.every_s >= 0.15


@pytest.mark.slow
def test_a_server_that_takes_long_for_its_first_answer_is_waited_for(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_fetching, "SLOW_S", 0.1)

    def slow(_: Request) -> Reply:
        server.stopping.wait(0.3)
        return as_json({"n": 1})

    server.answer = slow
    began = time.monotonic()
    reader = opened(server)
    assert time.monotonic() - began < 0.3
    read = read_until(reader, lambda read: len(read.rows) >= 1)
    reader.close()
    assert not read.said


def test_closing_cuts_an_answer_that_does_not_end(server: WebServer) -> None:
    def endless() -> Iterator[bytes]:
        while not server.stopping.wait(0.01):
            yield b" "

    answers = itertools.chain([as_json({"n": 1})], itertools.repeat(Reply(endless())))
    server.answer = lambda _: next(answers)
    reader = opened(server)
    read_until(reader, lambda _: len(server.requests) >= 2)
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < 1
    assert len(reader.poll(5)) == 0


def test_an_answer_without_end_is_given_up(server: WebServer) -> None:
    def endless() -> Iterator[bytes]:
        while not server.stopping.wait(0.01):
            yield b" "

    server.answer = lambda _: Reply(endless())
    with pytest.raises(Unreachable, match="did not end its answer"):
        HttpReader(Http(url=server.url), Client(answer_s=0.3))


@pytest.mark.slow
def test_an_answer_whose_headers_drip_is_given_up() -> None:
    with WebServer(lambda _: as_json({})) as server:

        def silent(_: Request) -> Reply:
            server.stopping.wait(5)
            return as_json({})

        server.answer = silent
        with pytest.raises(Unreachable, match=r"did not end its answer within 0"):
            HttpReader(Http(url=server.url), Client(answer_s=0.3))


def test_what_a_poll_says_of_a_stream_is_what_to_choose(server: WebServer) -> None:
    server.answer = lambda _: Reply([b"data: 1\n\n"], headers={"Content-Type": "text/event-stream"})
    with pytest.raises(BadSettings, match="choose push") as refused:
        opened(server, updates="poll")
    assert refused.value.setting == "updates"


def test_a_kept_connection_that_the_server_has_closed_is_no_failure(server: WebServer) -> None:
    """As many servers do: they let go of a connection that was silent for the very interval."""
    server.answer = lambda _: Reply(b'{"n": 1}', headers={"Keep-Alive": "timeout=0"}, breaks=True)
    reader = opened(server)
    read = read_until(reader, lambda read: len(read.rows) >= 4)
    reader.close()
    assert not read.said
    assert not read.gaps


def test_a_feed_shows_what_is_polled(server: WebServer) -> None:
    server.answer = lambda _: as_json({"rooms": 1, "temperature": 20.5})
    feed = Feed(Http(url=server.url, every="1s"))
    feed.start()
    feed.watch(0.1)
    feed.wait_for_first_events(10)
    assert feed.status.state == "live"
    feed.close()
    assert feed.join(10)
    assert feed.seen >= 1
