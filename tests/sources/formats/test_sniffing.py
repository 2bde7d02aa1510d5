"""Which format a feed's messages are found to be in, and when that is thought over."""

import json
import random
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pytest

from sources import looking
from sources.batch import Reading
from sources.decode import ROWS_PER_MESSAGE, Decoded, Decoder
from sources.errors import BadSettings, Unreachable
from sources.formats import csv
from sources.formats.every import FORMATS
from sources.formats.format import Format, Rows
from sources.formats.sniff import Finding, sniff, weigh
from tests.sources.formats.samples import PROSE, SAMPLES

GARBAGE = (b"\xff\xfe\x00\x01", b"oops", b'{"cut": ', b"")


def found(messages: list[bytes], size: int = 1000) -> str:
    decoder = Decoder()
    for start in range(0, len(messages), size):
        decoder.decode(messages[start : start + size])
    assert decoder.reading is not None
    return decoder.reading.format


def test_there_are_samples_of_every_format() -> None:
    assert SAMPLES.keys() == FORMATS.keys()


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_format_is_found_however_the_messages_come(name: str, size: int) -> None:
    assert found(SAMPLES[name], size) == name


@pytest.mark.parametrize("name", SAMPLES)
def test_the_order_of_the_messages_does_not_matter(name: str) -> None:
    messages = list(SAMPLES[name])
    random.Random(7).shuffle(messages)  # noqa: S311 - any order will do
    assert found(messages) == name


@pytest.mark.parametrize("name", SAMPLES)
def test_a_tenth_of_garbage_does_not_hide_the_format(name: str) -> None:
    messages = list(chain.from_iterable((*each, GARBAGE[n % 4]) for n, each in enumerate(pieces(SAMPLES[name], 9))))
    assert found(messages) == name
    assert found(messages, 5) == name


def pieces(messages: list[bytes], size: int) -> list[list[bytes]]:
    return [messages[start : start + size] for start in range(0, len(messages), size)]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_single_message_tells_the_format(name: str) -> None:
    assert found(SAMPLES[name][:1]) == name


@pytest.mark.parametrize("name", SAMPLES)
def test_a_tombstone_tells_nothing(name: str) -> None:
    decoder = Decoder()
    assert decoder.decode([None, None]).rows.tolist() == [0, 1]
    assert decoder.reading is None
    decoder.decode([None, SAMPLES[name][0], None])
    assert decoder.reading is not None
    assert decoder.reading.format == name


@pytest.mark.parametrize("line", PROSE)
def test_prose_is_text(line: str) -> None:
    assert found([line.encode()]) == "text"
    assert found([line.encode()] * 4) == "text"


def test_all_prose_is_text() -> None:
    assert found([line.encode() for line in PROSE]) == "text"


@pytest.mark.parametrize("name", set(SAMPLES) - {"text"})
def test_a_first_odd_message_does_not_decide(name: str) -> None:
    decoder = Decoder()
    for message in (b"starting up", *SAMPLES[name][:30]):
        decoder.decode([message])
    assert decoder.reading is not None
    assert decoder.reading.format == name


def table(decoded: Decoded) -> dict[str, list[Any]]:
    return {name: column.to_pylist() for name, column in decoded.columns.items()}


def test_the_first_message_of_a_csv_topic_names_all_later_cells() -> None:
    decoder = Decoder()
    first = decoder.decode([b"pump,ms", b"a,1", b"b,2"])
    assert table(first) == {"pump": ["a", "b"], "ms": [1, 2]}
    assert first.rows.tolist() == [1, 2]
    assert first.malformed == 0
    for _ in range(200):
        assert table(decoder.decode([b"c,3"])) == {"pump": ["c"], "ms": [3]}
    again = decoder.decode([b"d,4", b"pump,ms", b"e,5", b"f"])
    assert table(again) == {"pump": ["d", "e"], "ms": [4, 5]}
    assert again.rows.tolist() == [0, 2]
    assert [(place, reason) for place, reason, _ in again.samples] == [(3, "a line of 1 cell, where 2 were expected")]


def test_a_header_that_comes_later_names_what_follows() -> None:
    decoder = Decoder()
    assert table(decoder.decode([b"a;1,5", b"b;2"])) == {"column1": ["a", "b"], "column2": [1.5, 2.0]}
    assert table(decoder.decode([b"pump;ms", b"c;3"])) == {"pump": ["c"], "ms": [3]}


def test_each_message_may_have_a_header_of_its_own() -> None:
    decoder = Decoder()
    decoded = decoder.decode([b"a,b\n1,2\n3,4", b"c,a,b\n5,6,7"])
    assert table(decoded) == {"a": [1, 3, 6], "b": [2, 4, 7], "c": [None, None, 5]}
    assert decoded.rows.tolist() == [0, 0, 1]


def test_a_format_that_changes_midway_is_noticed() -> None:
    decoder = Decoder()
    decoder.decode([b'{"n": 1}'] * 150)
    for n in range(100):
        decoder.decode([b"pump,%d" % n])
    assert decoder.reading == Reading("csv", decoder.reading.why if decoder.reading else "")
    assert "of the last 100 messages read as CSV" in decoder.reading.why
    assert decoder.decode([b"pump,5"]).malformed == 0


def test_a_batch_in_which_the_format_changes_is_read_again() -> None:
    decoder = Decoder()
    decoder.decode([b'{"n": 1}'] * 150)
    decoded = decoder.decode([b"level=info ms=%d" % n for n in range(1000)])
    assert decoded.malformed == 0
    assert table(decoded)["ms"] == list(range(1000))


def test_text_does_not_take_over_from_a_format_that_reads_half() -> None:
    decoder = Decoder()
    decoder.decode([b'{"n": 1}'] * 100)
    for _ in range(100):
        decoder.decode([b'{"n": 1}', b"so much for that", b'{"n": 1}', b"still json"])
    assert decoder.reading is not None
    assert decoder.reading.format == "json"


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_user_asks_for_is_never_changed(name: str) -> None:
    decoder = Decoder(name)
    for messages in SAMPLES.values():
        decoder.decode(messages)
        assert decoder.reading == Reading(name, "asked for")


def test_what_told_is_shown() -> None:
    decoder = Decoder()
    decoder.decode([b"5"])
    assert decoder.reading == Reading("number", "the first message reads as bare numbers")
    decoder.decode([b'{"n": 1}'] * 98 + [b"oops"])
    assert decoder.reading == Reading("json", "99 of the first 100 messages read as JSON")


def test_nothing_that_can_be_read_says_so() -> None:
    decoder = Decoder()
    decoded = decoder.decode([b"\xff\x00\xfe"] * 3)
    assert decoded.malformed == 3
    assert decoder.reading == Reading("text", "none of the first 3 messages could be read")


def test_an_unknown_format_is_refused_naming_those_there_are() -> None:
    with pytest.raises(BadSettings, match=r"'xml' is no format: choose one of auto, .*json.*avro") as refusal:
        Decoder("xml")
    assert refusal.value.setting == "format"


def test_a_format_that_needs_a_registry_is_refused_without_one() -> None:
    with pytest.raises(BadSettings, match="format is avro, which needs a schema registry"):
        Decoder("avro")


def framed(message: bytes) -> list[dict[str, Any]]:
    if message[:1] != b"\0":
        raise ValueError("no schema's number in front")
    if message == b"\0away":
        raise Unreachable("The registry did not answer.")
    if message == b"\0odd":
        raise KeyError("odd")
    return [{"n": len(message)}]


FRAMED = Format("avro", "Avro", framed)


def test_formats_with_a_connection_are_asked_first() -> None:
    decoder = Decoder(more=[FRAMED])
    decoded = decoder.decode([b"\0ab", b"\0odd", b"\0abc"])
    assert table(decoded) == {"n": [3, 4]}
    assert [(place, reason) for place, reason, _ in decoded.samples] == [(1, "can't be read: KeyError('odd')")]
    assert decoder.reading == Reading("avro", "2 of the first 3 messages read as Avro")


@pytest.mark.parametrize("name", ["auto", "avro"])
def test_an_error_of_the_connection_passes_through_and_may_be_tried_again(name: str) -> None:
    decoder = Decoder(name, more=[FRAMED])
    for _ in range(3):
        with pytest.raises(Unreachable):
            decoder.decode([b"\0ab", b"\0away"])
    assert table(decoder.decode([b"\0ab"])) == {"n": [3]}
    if name == "auto":
        assert decoder.reading == Reading("avro", "the first message reads as Avro")


def test_a_message_gives_no_more_rows_than_a_bound() -> None:
    message = b"[" + b",".join([b'{"some_name":1}'] * (ROWS_PER_MESSAGE + 1)) + b"]"
    decoded = Decoder().decode([b'[{"n":1}]', message, b'{"n":3}'])
    assert len(decoded.rows) == ROWS_PER_MESSAGE + 2
    [(place, reason, _)] = decoded.samples
    assert (place, decoded.malformed) == (1, 1)
    assert "100,001 rows, of which the first 100,000 are kept" in reason


def test_what_stands_once_in_a_message_does_not_fill_memory_from_each_of_its_rows() -> None:
    message = json.dumps({"at": {"x": "y" * 100_000}, "data": [{"p": True}] * 10_000}).encode()
    decoded = Decoder().decode([message])
    assert decoded.malformed == 1
    assert sum(column.nbytes for column in decoded.columns.values()) < 40 * len(message)


def test_times_become_columns_of_times() -> None:
    [message] = SAMPLES["clf"][:1]
    [column] = [column for name, column in Decoder().decode([message, None]).columns.items() if name == "time"]
    assert str(column.type) == "timestamp[us, tz=UTC]"
    assert column.null_count == 1


def test_a_huge_odd_message_does_not_outweigh_its_small_neighbours() -> None:
    decoder = Decoder()
    for message in (b'{"n": 1}', b"x" * 5_000_000, b"y" * 5_000_000, b'{"n": 2}', b'{"n": 3}'):
        decoder.decode([message])
        assert decoder.reading is not None
        assert decoder.reading.format == "json"


def framed_only_with_a_registry(message: bytes) -> list[dict[str, Any]]:
    if message[:1] != b"\0":
        raise ValueError("not framed")
    raise BadSettings("connection", "no registry is named: add one")


def test_one_framed_message_among_others_does_not_ask_for_a_registry() -> None:
    decoder = Decoder(more=(Format("avro", "Avro", framed_only_with_a_registry),))
    decoded = decoder.decode([b'{"a": 1}', b"\0\0\0\0\1abc", b'{"a": 2}'])
    assert decoded.columns["a"].to_pylist() == [1, 2]
    assert decoded.malformed == 1
    with pytest.raises(BadSettings):
        Decoder(more=(Format("avro", "Avro", framed_only_with_a_registry),)).decode([b"\0\0\0\0\1abc", b'{"a": 2}'][:1])


@pytest.mark.parametrize(("rows", "odd"), [(framed_only_with_a_registry, b"\0\0\0\0\1abc"), (framed, b"\0away")])
def test_framed_messages_in_a_feed_that_reads_do_not_end_it(rows: Rows, odd: bytes) -> None:
    decoder = Decoder(more=(Format("avro", "Avro", rows),))
    decoder.decode([b'{"n": 1}'] * 100)
    for _ in range(10):
        assert decoder.decode([b'{"n": 2}', *[odd] * 49]).columns["n"].to_pylist() == [2]
    assert decoder.reading is not None
    assert decoder.reading.format == "json"


def test_a_feed_that_stays_partly_malformed_is_looked_at_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def counted(*arguments: Any) -> Finding | None:
        nonlocal looks
        looks += 1
        return sniff(*arguments)

    decoder = Decoder()
    decoder.decode([b'{"n": 1}'] * 100)
    monkeypatch.setattr(looking, "sniff", counted)
    for _ in range(1000):
        assert decoder.decode([b'{"n": 1}', b"\xff\x00", b'{"n": 2}', b"still json", b'{"n": 3}'] * 20).malformed == 40
    assert looks <= 14
    assert decoder.decode([b"level=info ms=%d" % n for n in range(1000)]).malformed == 0
    assert decoder.reading is not None
    assert decoder.reading.format == "logfmt"


def test_what_a_table_is_like_is_learnt_once_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt = []

    def counted(messages: Sequence[bytes], delimiter: str) -> Any:
        learnt.append(delimiter)
        return learn_by(messages, delimiter)

    learn_by = csv._learn_by
    monkeypatch.setattr(csv, "_learn_by", counted)
    assert weigh([b"pump,ms", b"a,1", b"b,2"], csv.FORMAT) is not None
    assert sorted(learnt) == sorted(csv.DELIMITERS)


def lines_after_json(size: int) -> tuple[Decoder, list[Decoded]]:
    """300 JSON messages, then a header and 300 lines of CSV, so many messages at a time."""
    messages = [json.dumps({"at": n, "host": "a", "load": n / 7}).encode() for n in range(300)]
    messages += [b"at,host,load", *(f"{n},b,{n / 7}".encode() for n in range(300, 600))]
    decoder = Decoder()
    return decoder, [decoder.decode(messages[start : start + size]) for start in range(0, len(messages), size)]


def test_a_batch_in_which_the_format_changes_is_read_in_both() -> None:
    decoder, [decoded] = lines_after_json(1000)
    assert decoder.reading is not None
    assert decoder.reading.format == "csv"
    assert decoded.malformed == 0
    assert decoded.columns["at"].to_pylist() == list(range(600))
    assert decoded.columns["host"].to_pylist() == ["a"] * 300 + ["b"] * 300


@pytest.mark.parametrize("size", [10, 50])
def test_a_header_that_came_before_the_change_was_seen_still_names_the_columns(size: int) -> None:
    _, decoded = lines_after_json(size)
    assert set(decoded[-1].columns) == {"at", "host", "load"}
    assert sum(each.malformed for each in decoded) < 100
