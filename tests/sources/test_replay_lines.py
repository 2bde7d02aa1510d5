"""From bytes to messages: however long a line is, whatever a quote or a bracket says, and in whatever pieces the bytes come."""

import csv
import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.replay_json import json_values
from sources.replay_lines import BLOCK, RECORD_LINES, Line, as_utf8, lines, records


def in_pieces(data, size):
    """A stream that gives at most so many bytes at a time, whatever it is asked for."""
    file = io.BytesIO(data)
    return lambda wanted: file.read(min(size, wanted))


def messages(found):
    """Without the marks of what was passed over."""
    return [line for line in found if not line.skipped]


def texts(found):
    return [line.text for line in messages(found) if not line.refused]


@given(
    st.lists(st.binary(max_size=20).map(lambda text: text.replace(b"\n", b"").replace(b"\r", b""))), st.integers(1, 9)
)
def test_lines_are_those_of_the_text_in_whatever_pieces_it_comes(given_lines, size):
    data = b"".join(line + b"\n" for line in given_lines)
    found = messages(lines(in_pieces(data, size), longest=10))
    assert [line.number for line in found] == list(range(1, len(given_lines) + 1))
    assert [bool(line.refused) for line in found] == [len(line) > 10 for line in given_lines]
    assert texts(found) == [line for line in given_lines if len(line) <= 10]


def test_a_line_without_end_is_refused_without_being_held():
    blocks = iter([b"ok\n", *[b"x" * BLOCK] * 400, b"\nok\n"])
    tracemalloc.start()
    found = messages(lines(lambda _: next(blocks, b"")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(line.number, bool(line.refused)) for line in found] == [(1, False), (2, True), (3, False)]
    assert "longer than 1,048,576 bytes" in found[1].refused
    assert len(found[1].text) == 200
    assert peak < 8_000_000


def test_the_last_line_needs_no_end():
    assert texts(lines(io.BytesIO(b"a\nb").read)) == [b"a", b"b"]
    found = messages(lines(io.BytesIO(b"abc\nabcdef").read, longest=4))
    assert [bool(line.refused) for line in found] == [False, True]


cells = st.text(st.sampled_from('ab",\n'), max_size=6)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_records_are_those_of_a_csv_reader(rows):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    found = records(lines(io.BytesIO(text.getvalue().encode()).read))
    read = [next(csv.reader(io.StringIO(line.text.decode(), newline=""))) for line in found]
    assert [tuple(row) for row in read] == rows


def test_a_quote_that_is_never_closed_leaves_the_lines_behind_it_alone():
    given_lines = [Line(number, b"1,a") for number in range(1, 500)]
    given_lines[9] = Line(10, b'1,"a')
    assert list(records(given_lines)) == given_lines


def test_a_record_that_is_cut_short_by_the_end_comes_line_by_line():
    given_lines = [Line(1, b'1,"a'), Line(2, b"2,b")]
    assert list(records(given_lines)) == given_lines
    assert len(given_lines) < RECORD_LINES


values = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('a{}[],"\\\n ü')),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.sampled_from('k}"\\'), max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=3), values, max_size=4)


@given(st.lists(objects, min_size=1, max_size=5), st.integers(1, 9), st.sampled_from([None, 2]))
def test_the_members_of_a_list_are_found_in_whatever_pieces_it_comes(given_objects, size, indent):
    data = json.dumps(given_objects, indent=indent).encode()
    found = [json.loads(line.text) for line in json_values(in_pieces(data, size))]
    assert found == given_objects


@given(st.lists(objects, min_size=1, max_size=5), st.integers(1, 9))
def test_values_that_follow_each_other_are_found(given_objects, size):
    data = "\n".join(json.dumps(each, indent=1) for each in given_objects).encode()
    assert [json.loads(line.text) for line in json_values(in_pieces(data, size))] == given_objects


def test_the_members_of_a_list_know_their_lines():
    data = b'[\n{"a": 1},\n\n{"a":\n2},\n{"a": 3}]'
    assert [line.number for line in json_values(io.BytesIO(data).read)] == [2, 4, 6]


def test_a_list_that_is_cut_short_says_so_behind_what_could_be_read():
    *found, last = json_values(io.BytesIO(b'[{"a": 1}, {"a": 2').read)
    assert texts(found) == [b'{"a": 1}']
    assert "cut short" in last.refused


def test_a_member_without_end_is_refused_without_being_held():
    blocks = iter([b'[{"a": 1}, {"a": "', *[b"x" * BLOCK] * 400, b'"}, {"a": 2}]'])
    tracemalloc.start()
    found = messages(json_values(lambda _: next(blocks, b"")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert texts(found) == [b'{"a": 1}', b'{"a": 2}']
    assert "longer than" in found[1].refused
    assert peak < 8_000_000


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
@pytest.mark.parametrize("size", [4, 7, BLOCK])
def test_a_byte_order_mark_tells_the_encoding(encoding, size):
    data = "a,ü\n1,€\n".encode(encoding)
    rest = in_pieces(data[4:], size)
    assert texts(lines(as_utf8(data[:4], rest))) == ["a,ü".encode(), "1,€".encode()]
