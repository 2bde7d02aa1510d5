"""Where a session's board stands, moved as its buttons, brushes and fields move it."""

import time

import pytest

from sources.simulated import Simulated
from state.board import MOST_FILTERS, Board, instant_us
from state.choice import Choice
from state.feed import Feed
from state.viewer import Viewer
from tests.state.feeds_by_hand import ByHand
from views.moment import MOST_LOOKED_AT, Moment
from views.picks import Pick
from views.session import Memory

AT = "2026-05-01T12:00:00Z"
AT_US = instant_us(AT)
SECOND = 1_000_000


@pytest.fixture
def moment():
    board = Board(Simulated(), mode="paused", at=AT)
    return Moment(Memory(board, []), Viewer(Feed(ByHand())))


def test_a_pause_stands_at_the_frame_on_screen_to_the_microsecond(moment):
    moment.resume()
    moment.viewer.edge_us = AT_US + 123_457
    moment.pause()
    assert moment.memory.board.at_us == AT_US + 123_457
    assert moment.memory.looked == []


def test_a_thousand_looks_leave_so_many_steps_back(moment):
    for number in range(1000):
        moment.look_at(AT_US - (2000 - number) * SECOND, AT_US - (1000 - number) * SECOND)
    assert len(moment.memory.looked) == MOST_LOOKED_AT
    moment.back()
    assert moment.memory.board.range_us == (AT_US - 1002 * SECOND, AT_US - 2 * SECOND)


def test_each_look_can_be_taken_back(moment):
    before = moment.memory.board
    moment.look_at(AT_US - 60 * SECOND, AT_US - 30 * SECOND)
    moment.act(Pick(range_us=(AT_US - 50 * SECOND, AT_US - 40 * SECOND), where=("host:eq:a",)))
    assert moment.memory.board.range_us == (AT_US - 50 * SECOND, AT_US - 40 * SECOND)
    moment.back()
    assert moment.memory.board.range_us == (AT_US - 60 * SECOND, AT_US - 30 * SECOND)
    assert moment.memory.board.where == ()
    moment.back()
    moment.back()
    assert moment.memory.board == before


def test_a_look_at_what_is_later_stands_there_but_not_in_the_future(moment):
    moment.look_at(AT_US + 10 * SECOND, AT_US + 20 * SECOND)
    assert moment.memory.board.at_us == AT_US + 20 * SECOND
    moment.look_at(AT_US, int((time.time() + 3600) * SECOND))
    assert moment.memory.board.at_us <= time.time() * SECOND


def test_a_range_goes_along_with_the_scrubber(moment):
    moment.look_at(AT_US - 60 * SECOND, AT_US - 30 * SECOND)
    moment.stand_at(AT_US - 300 * SECOND)
    assert moment.memory.board.range_us == (AT_US - 330 * SECOND, AT_US - 300 * SECOND)


def test_zooming_out_doubles_the_span_up_to_the_pause(moment):
    moment.zoom_out(AT_US - 40 * SECOND, AT_US - 20 * SECOND)
    assert moment.memory.board.range_us == (AT_US - 50 * SECOND, AT_US - 10 * SECOND)
    moment.zoom_out(AT_US - 20 * SECOND, AT_US)
    assert moment.memory.board.range_us == (AT_US - 30 * SECOND, AT_US)


def test_a_filter_takes_the_place_of_its_like_and_there_are_never_too_many(moment):
    moment.act(Pick(where=("host:eq:a",)))
    moment.act(Pick(where=("host:eq:b",)))
    assert moment.memory.board.where == ("host:eq:b",)
    for n in range(2 * MOST_FILTERS):
        moment.act(Pick(where=(f"field{n}:ge:1", f"field{n}:lt:2")))
    assert len(moment.memory.board.where) <= MOST_FILTERS
    assert [each.setting for each in moment.memory.complaints] == ["where"]
    moment.drop_filter("host:eq:b")
    assert "host:eq:b" not in moment.memory.board.where


def test_what_is_played_ends_with_another_feed_and_with_another_source(moment):
    moment.play(AT_US - 60 * SECOND, 5)
    assert moment.playback(Choice()) is not None
    assert Moment(moment.memory, Viewer(Feed(ByHand()))).playback(Choice()) is None
    moment.memory.watch(Simulated())
    moment.play(AT_US - 60 * SECOND, 5)
    moment.memory.noting = AT_US
    moment.memory.watch(Simulated(seed=8))
    board = moment.memory.board
    assert (board.mode, board.at, board.range, board.source) == ("live", "", "", Simulated(seed=8))
    assert (moment.memory.playback, moment.memory.noting, moment.memory.looked) == (None, None, [])


def test_a_note_is_written_beside_the_instant_that_was_clicked(moment):
    moment.act(Pick(at_us=AT_US - SECOND))
    moment.note("deployed")
    assert [(note.at_us, note.text) for note in moment.viewer.feed.notes.all] == [(AT_US - SECOND, "deployed")]
    assert moment.memory.noting is None
    moment.act(Pick(at_us=AT_US))
    moment.forget_note()
    moment.note("of nothing")
    assert len(moment.viewer.feed.notes.all) == 1
