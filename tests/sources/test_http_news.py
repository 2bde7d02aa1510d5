"""What is counted of answers that come again and again."""

from collections import Counter
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import TIME_TYPE
from sources.http_news import News
from sources.messages import RECORD_TIME

AT_S = 1_700_000_000


def table(rows: list[dict[str, Any]], at_s: float = AT_S) -> pa.Table:
    made = pa.Table.from_pylist(rows)
    return made.append_column(RECORD_TIME, pa.array([int(at_s * 1e6)] * len(rows), pa.int64()).cast(TIME_TYPE))


def taken(news: News, rows: list[dict[str, Any]], around: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    new = news.take(table(rows), AT_S + 1.0, around)
    return [rows[index] for index in new.rows]


def trade(number: int, **more: Any) -> dict[str, Any]:
    return {"time": float(AT_S - 1000 + number), "price": 10 + number % 3, **more}


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(6, 20), st.booleans(), st.booleans())
def test_each_event_of_a_moving_window_is_handed_on_once(
    steps: list[int],
    size: int,
    newest_first: bool,  # noqa: FBT001 - as drawn
    timed: bool,  # noqa: FBT001 - as drawn
) -> None:
    """Whatever moves by less than the window holds: every event once, in the order of the answers.

    Without times, prices and numbers tell events apart.
    """
    news, sent, got = News(), [], []
    window: list[dict[str, Any]] = []
    for step in [size, *steps]:
        fresh = [trade(len(sent) + each) if timed else {"n": len(sent) + each, "p": 1.5} for each in range(step)]
        sent += fresh
        window = (window + fresh)[-size:]
        got += taken(news, window[::-1] if newest_first else window)
    assert sorted(map(str, got)) == sorted(map(str, sent))
    if timed:
        assert got == sent


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=8), min_size=1, max_size=6))
def test_no_timed_row_is_lost_and_none_counted_oftener_than_one_answer_holds_it(answers: list[list[int]]) -> None:
    news, got = News(), Counter()
    for numbers in answers:
        got.update(row["time"] for row in taken(news, [trade(each) for each in numbers]))
    most: Counter[float] = Counter()
    for numbers in answers:
        most |= Counter(trade(each)["time"] for each in numbers)
    assert got == most


def test_two_events_alike_in_one_answer_are_two() -> None:
    news = News()
    assert len(taken(news, [trade(1), trade(1), trade(2)])) == 3
    assert taken(news, [trade(1), trade(1), trade(2), trade(2)]) == [trade(2)]


def test_an_object_without_a_time_is_a_sample_each_time() -> None:
    news = News()
    for _ in range(3):
        assert taken(news, [{"temperature": 20.5, "room": "lab"}])


def test_an_object_whose_own_time_has_not_moved_is_no_new_event() -> None:
    news = News()
    assert taken(news, [trade(1)])
    assert not taken(news, [trade(1)])
    assert taken(news, [trade(2)])


def test_a_list_that_changes_in_place_is_samples_even_of_what_stands_still() -> None:
    news = News()
    rooms = [{"room": "a", "t": 20.5}, {"room": "b", "t": 21.0}]
    assert len(taken(news, rooms)) == 2
    changed = [{"room": "a", "t": 20.6}, {"room": "b", "t": 21.0}]
    assert taken(news, changed) == changed
    assert taken(news, changed) == changed


def test_a_time_around_the_rows_makes_no_event_new() -> None:
    news = News()
    first = [trade(1, server_time=AT_S + 0.5), trade(2, server_time=AT_S + 0.5)]
    later = [trade(2, server_time=AT_S + 0.9), trade(3, server_time=AT_S + 0.9)]
    taken(news, first, ("server_time",))
    assert taken(news, later, ("server_time",)) == later[1:]


def test_a_time_around_rows_that_have_none_is_theirs() -> None:
    news = News()
    first = [{"t": 1.5, "room": "a", "timestamp": AT_S - 9.0}, {"t": 1.5, "room": "b", "timestamp": AT_S - 9.0}]
    later = [each | {"timestamp": AT_S - 4.0} for each in first]
    taken(news, first, ("timestamp",))
    assert taken(news, later, ("timestamp",)) == later
    assert not taken(news, later, ("timestamp",))


def test_a_row_is_known_though_the_types_of_its_column_change() -> None:
    news = News()
    taken(news, [trade(1, size="-"), trade(2, size="12"), trade(3, size="1.5")])
    assert taken(news, [trade(2, size=12.0), trade(3, size=1.5), trade(4, size=2.0)]) == [trade(4, size=2.0)]


def test_a_row_is_known_though_fields_come_and_go_beside_it() -> None:
    news = News()
    taken(news, [trade(1), trade(2)])
    assert taken(news, [trade(2, note=None), trade(3, note="x")]) == [trade(3, note="x")]
    assert taken(news, [trade(3, note="x"), trade(4)]) == [trade(4)]


def test_a_server_that_lags_behind_another_brings_nothing_twice() -> None:
    news = News()
    taken(news, [trade(1), trade(2), trade(3)])
    assert not taken(news, [trade(1), trade(2)])
    assert not taken(news, [trade(1), trade(2), trade(3)])


def test_large_whole_numbers_are_told_apart() -> None:
    news = News()
    taken(news, [trade(1, id=2**60), trade(1, id=-1)])
    assert len(taken(news, [trade(1, id=2**60 + 1), trade(1, id=-2)])) == 2


def test_a_window_of_which_nothing_is_left_is_torn() -> None:
    news = News()
    for first in (0, 3, 6):
        new = news.take(table([trade(each) for each in range(first, first + 8)]), AT_S)
        assert not new.torn
    assert new.goes_on
    assert news.take(table([trade(each) for each in range(50, 58)]), AT_S).torn


def test_a_snapshot_with_times_is_never_torn() -> None:
    news = News()
    for at in range(5):
        new = news.take(table([trade(at, room="a"), trade(at, room="b")]), AT_S)
        assert len(new.rows) == 2
        assert not new.torn


def test_what_is_remembered_is_bounded() -> None:
    news = News()
    for at in range(100):
        taken(news, [trade(at * 100 + each, **{f"name{at}": 1}) for each in range(100)])
    assert len(news._seen) <= 100 * 100
    assert len(news._seen) < 2_500
