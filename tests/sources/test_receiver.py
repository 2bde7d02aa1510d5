"""The thread that receives and the inbox between it and `poll`: nothing is lost unseen, nothing waits for ever."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import AuthFailed, Unreachable
from sources.receiver import Received, Receiver

DEADLINE_S = 20.0


def taken(receiver: Receiver[int], until: Callable[[list[Received[int]]], bool]) -> list[Received[int]]:
    """What polls give until that is so."""
    parts: list[Received[int]] = []
    deadline = time.monotonic() + DEADLINE_S
    while not until(parts):
        assert time.monotonic() < deadline, parts
        parts.append(receiver.take(0.1))
    return parts


def items(parts: list[Received[int]]) -> list[int]:
    return [item for part in parts for item in part.items]


class Script:
    """A counterpart: each connection gives its numbers, then waits to be let go, or fails."""

    def __init__(self, *connections: list[int] | Exception) -> None:
        self.connections = list(connections)
        self.done = threading.Event()
        self.given = threading.Event()

    def receive(self, receiver: Receiver[int]) -> None:
        numbers = self.connections.pop(0)
        if isinstance(numbers, Exception):
            raise numbers
        receiver.ready()
        for number in numbers:
            receiver.put(number, 1)
        self.given.set()
        receiver.cancel_with(self.done.set)
        self.done.wait(DEADLINE_S)
        self.done.clear()
        if not receiver.closed:
            raise Unreachable("gone: wait")


def test_what_is_received_is_taken_in_its_order() -> None:
    receiver = Receiver(Script([1, 2, 3]).receive, "script")
    receiver.open()
    assert items(taken(receiver, lambda parts: len(items(parts)) == 3)) == [1, 2, 3]
    receiver.close()
    receiver.close()
    assert receiver.take(5) == Received([])


def test_what_fails_at_first_is_told_by_open() -> None:
    with pytest.raises(AuthFailed, match="who are you"):
        Receiver(Script(AuthFailed("who are you: log in")).receive, "script").open()


def test_what_never_answers_is_told_by_open() -> None:
    with pytest.raises(Unreachable, match="did not answer"):
        Receiver(lambda receiver: receiver.wait(DEADLINE_S) and None, "script").open(0.05)


@pytest.mark.parametrize("keeps", [True, False])
def test_a_lost_connection_is_told_and_made_anew_and_is_a_gap_where_nothing_is_kept(keeps: bool) -> None:  # noqa: FBT001
    script = Script([1], Unreachable("still away: wait"), [2])
    receiver = Receiver(script.receive, "script", keeps=keeps)
    receiver.open()
    assert script.given.wait(DEADLINE_S)
    lost_us = int(time.time() * 1e6)
    script.done.set()
    parts: list[Received[int]] = []
    told: list[str] = []
    deadline = time.monotonic() + DEADLINE_S
    while items(parts) != [1, 2]:
        assert time.monotonic() < deadline
        try:
            parts.append(receiver.take(0.02))
        except Unreachable as away:
            told.append(str(away))
    receiver.close()
    assert told[0] == "gone: wait"
    assert "still away: wait" in told
    gaps = [gap for part in parts for gap in part.gaps]
    if keeps:
        assert not gaps
    else:
        [gap] = gaps
        assert gap.lost is None
        assert lost_us - 1_000_000 <= gap.from_us <= gap.until_us <= time.time() * 1e6


def test_a_failure_nobody_expected_is_not_swallowed() -> None:
    script = Script([], ZeroDivisionError("a fault of ours"))
    receiver = Receiver(script.receive, "script")
    receiver.open()
    script.done.set()
    with pytest.raises(Unreachable):
        taken(receiver, lambda parts: len(parts) > 100)
    with pytest.raises(ZeroDivisionError):
        until_known(receiver)
    receiver.close()


def until_known(receiver: Receiver[int]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        try:
            receiver.take(0.1)
        except Unreachable:
            continue


@given(sizes=st.lists(st.integers(1, 40), max_size=60), most_items=st.integers(1, 20), most_bytes=st.integers(1, 100))
def test_an_inbox_without_room_counts_what_it_drops(sizes: list[int], most_items: int, most_bytes: int) -> None:
    given_all = threading.Event()
    kept: list[int] = []

    def receive(receiver: Receiver[int]) -> None:
        receiver.ready()
        kept.extend(number for number, size in enumerate(sizes) if receiver.put(number, size))
        given_all.set()
        receiver.wait(DEADLINE_S)

    receiver = Receiver(receive, "flood", most_items=most_items, most_bytes=most_bytes)
    receiver.open()
    assert given_all.wait(DEADLINE_S)
    held = sum(sizes[number] for number in kept)
    assert len(kept) <= most_items
    assert held <= most_bytes or len(kept) == 1
    part = receiver.take(0)
    receiver.close()
    assert part.items == kept
    assert sum(gap.lost or 0 for gap in part.gaps) == len(sizes) - len(kept)


def test_a_counterpart_that_waits_loses_nothing() -> None:
    def receive(receiver: Receiver[int]) -> None:
        receiver.ready()
        for number in range(500):
            receiver.put_when_room(number, 1)
        receiver.wait(DEADLINE_S)

    receiver = Receiver(receive, "patient", most_items=7)
    receiver.open()
    parts = taken(receiver, lambda parts: len(items(parts)) == 500)
    receiver.close()
    assert items(parts) == list(range(500))
    assert not any(part.gaps for part in parts)


def test_closing_lets_go_of_who_waits_for_room() -> None:
    ended = threading.Event()

    def receive(receiver: Receiver[int]) -> None:
        receiver.ready()
        while receiver.put_when_room(0, 1):
            pass
        ended.set()

    receiver = Receiver(receive, "patient", most_items=1)
    receiver.open()
    receiver.close()
    assert ended.wait(DEADLINE_S)
