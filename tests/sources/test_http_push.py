"""Server-sent events: from bytes to events, and over connections that end."""

import itertools
import json
import time
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import http_listening
from sources.batch import PUSHED
from sources.errors import BadSettings, EndOfStream, Unreachable
from sources.http import Http
from sources.http_events import EVENT_BYTES, NAME_CHARS, Event, EventStream
from tests.servers.http import Reply, Request, WebServer, as_json, events
from tests.sources.http_reading import read_until


def event(number: int, *, named: bool = True) -> bytes:
    numbered = f"id: {number}\n" if named else ""
    return f"{numbered}data: {json.dumps({'n': number})}\n\n".encode()


TEXTS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), min_size=1, max_size=12)


@given(
    st.lists(st.tuples(st.lists(TEXTS, min_size=1, max_size=3), TEXTS, st.booleans()), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_a_stream_gives_its_events_however_it_is_cut(
    sent: list[tuple[list[str], str, bool]], end: str, sizes: list[int]
) -> None:
    lines, expected = ["﻿: hello"], []
    for data, name, spaced in sent:
        space = " " if spaced else ""
        lines += [f"event: {name}", *(f"data:{space}{each}" for each in data), "retry: 10", ""]
        plain = data if spaced else [each.removeprefix(" ") for each in data]
        expected.append(Event("\n".join(plain).encode(), name))
    stream = EventStream()
    rest, got = (end.join(lines) + end).encode(), []
    for size in itertools.cycle(sizes):
        part, rest = rest[:size], rest[size:]
        if not part:
            break
        got += stream.feed(part)
    got = [each for each in got if each.data]
    assert got == [each for each in expected if each.data]


def test_an_event_that_breaks_off_is_asked_for_again() -> None:
    stream = EventStream()
    assert list(stream.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n")) == [Event(b"a", "", "1")]
    assert stream.last_id == "1"


def test_an_id_or_a_name_of_any_length_is_not_kept() -> None:
    stream = EventStream("7")
    [event] = stream.feed(b"id: %s\nevent: %s\ndata: 1\n\n" % (b"8" * 5_000, b"x" * 5_000))
    assert event == Event(b"1", "x" * NAME_CHARS)
    assert stream.last_id == "7"


def test_a_line_without_end_is_read_no_further() -> None:
    stream = EventStream()
    for _ in range(8):
        assert not list(stream.feed(b"data: " + b"a" * 1_000_000))
    assert len(stream._rest) <= EVENT_BYTES
    assert len(list(stream.feed(b"\n\ndata: 1\n\n"))) == 2


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer(lambda _: events([])) as running:
        yield running


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_listening, "RETRY_S", 0.05)
    monkeypatch.setattr(http_listening, "SHORTEST_RETRY_S", 0.01)


def held(server: WebServer, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts, and then nothing more while the server runs."""
    yield from parts
    server.stopping.wait(20)


def test_auto_listens_where_the_server_sends_events(server: WebServer) -> None:
    server.answer = lambda _: events(held(server, [b"event: trade\ndata: {}\n\n", *map(event, range(3))]))
    reader = Http(url=server.url).open()
    read = read_until(reader, lambda read: len(read.column("n")) >= 3)
    reader.close()
    assert read.column("n") == [0, 1, 2]
    assert read.column("event") == ["trade"]
    assert read.column("_id") == ["0", "1", "2"]
    assert read.batches[-1].delivery == PUSHED
    assert len(server.requests) == 1


@pytest.mark.slow
def test_events_are_there_as_soon_as_they_are_sent(server: WebServer) -> None:
    sent = []

    def slowly() -> Iterator[bytes]:
        for number in range(4):
            sent.append(time.time())
            yield event(number)
            server.stopping.wait(0.8)

    server.answer = lambda _: events(held(server, slowly()))
    reader = Http(url=server.url, updates="push").open()
    read = read_until(reader, lambda read: len(read.rows) >= 4)
    reader.close()
    for row, at in zip(read.rows, sent, strict=True):
        assert row["_timestamp"].timestamp() - at < 0.5


def test_a_stream_that_ends_is_gone_on_with_from_its_last_id(server: WebServer) -> None:
    def answer(request: Request) -> Reply:
        first = int(request.headers.get("last-event-id", "-1"))
        rest = [event(each) for each in range(max(0, first), first + 4)]  # the last one comes once more
        return Reply(rest, headers={"Content-Type": "text/event-stream"}, breaks=first > 0)

    server.answer = answer
    reader = Http(url=server.url).open()
    read = read_until(reader, lambda read: len(read.rows) >= 12)
    reader.close()
    assert read.column("n") == list(range(len(read.rows)))
    assert not read.gaps
    assert not read.said


def test_a_connection_lost_without_ids_is_a_gap(server: WebServer) -> None:
    numbers = itertools.count()
    server.answer = lambda _: events([event(next(numbers), named=False)])
    reader = Http(url=server.url).open()
    read = read_until(reader, lambda read: len(read.gaps) >= 2)
    reader.close()
    assert all(gap.lost is None and gap.from_us <= gap.until_us for gap in read.gaps)


def test_a_first_stream_that_said_nothing_begins_no_gap_before_it(server: WebServer) -> None:
    began = time.time()
    answers = itertools.chain([events([])], itertools.repeat(events([event(1, named=False)])))
    server.answer = lambda _: next(answers)
    reader = Http(url=server.url).open()
    read = read_until(reader, lambda read: bool(read.gaps))
    reader.close()
    assert all(gap.from_us >= int(began * 1e6) for gap in read.gaps)


def test_ids_that_count_tell_how_many_the_server_no_longer_had(server: WebServer) -> None:
    def answer(request: Request) -> Reply:
        first = request.headers.get("last-event-id")
        return events(map(event, range(1, 5)) if first is None else held(server, map(event, range(9, 12))))

    server.answer = answer
    reader = Http(url=server.url).open()
    read = read_until(reader, lambda read: 11 in read.column("n"))
    reader.close()
    assert [gap.lost for gap in read.gaps] == [4]


@pytest.mark.slow
def test_the_server_says_when_to_come_again(server: WebServer) -> None:
    server.answer = lambda _: events([b"retry: 400\n", event(len(server.requests))])
    reader = Http(url=server.url).open()
    read_until(reader, lambda read: len(read.rows) >= 2)
    reader.close()
    assert server.requests[1].at - server.requests[0].at >= 0.4


@pytest.mark.slow
def test_a_stream_whose_comments_stop_has_stalled(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_listening.Listening.__init__, "__defaults__", (0.1,))

    def beating() -> Iterator[bytes]:
        yield event(len(server.requests))
        for _ in range(6):
            yield b": still here\n"
            server.stopping.wait(0.01)
        server.stopping.wait(20)

    server.answer = lambda _: events(beating())
    reader = Http(url=server.url).open()
    read = read_until(reader, lambda read: len(read.rows) >= 2)
    reader.close()
    assert not read.said


def test_a_server_that_is_away_after_all_is_said_to_be(server: WebServer) -> None:
    answers = itertools.chain([events([event(1)])], itertools.repeat(Reply(status=503)))
    server.answer = lambda _: next(answers)
    reader = Http(url=server.url).open()
    read = read_until(reader, lambda read: bool(read.said))
    reader.close()
    assert "503" in read.said[0]


def test_a_stream_that_gives_nothing_is_not_asked_for_without_end(server: WebServer) -> None:
    with pytest.raises(Unreachable, match="ends its stream at once"):
        read_until(Http(url=server.url).open(), lambda read: bool(read.said) and raised(read.said))


def raised(said: list[str]) -> bool:
    raise Unreachable(said[0])


def test_no_content_is_the_end(server: WebServer) -> None:
    answers = itertools.chain([events([event(1)])], itertools.repeat(Reply(status=204)))
    server.answer = lambda _: next(answers)
    reader = Http(url=server.url).open()
    with pytest.raises(EndOfStream):
        read_until(reader, lambda _: False)
    reader.close()


def test_push_from_what_is_no_stream_is_refused(server: WebServer) -> None:
    server.answer = lambda _: as_json({})
    with pytest.raises(BadSettings, match="choose poll") as refused:
        Http(url=server.url, updates="push").open()
    assert refused.value.setting == "updates"


def test_closing_ends_a_silent_stream_at_once(server: WebServer) -> None:
    server.answer = lambda _: events(held(server, [event(1)]))
    reader = Http(url=server.url).open()
    read_until(reader, lambda read: len(read.rows) == 1)
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < 0.9
    assert len(reader.poll(5)) == 0
