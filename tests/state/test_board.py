"""The link is the board: every board goes through its link and back, and no link can break the page."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import state.board as boards
from sources.errors import BadSettings
from sources.protocol import Package, Reader, form_fields, setting
from state.board import Board, format_instant
from state.choice import AGGREGATES, Choice
from state.filters import OPERATORS, Filter
from state.link import read_link, write_link
from state.measure import Measure
from state.schema import Offer
from state.settings import Complaint, Unfinished, make_source

VIEWS = ("kpi", "series", "health")


@dataclass(frozen=True)
class Simulated:
    """A feed whose settings all have defaults that will do."""

    kind: ClassVar[str] = "simulated"
    title: ClassVar[str] = "Simulated"
    icon: ClassVar[str] = ":material/science:"
    subject: ClassVar[str] = ""
    packages: ClassVar[tuple[Package, ...]] = ()

    rate: float = setting(100.0, "Events a second.", minimum=1, maximum=1000)
    series: int = setting(5, "How many.", minimum=1)
    drift: bool = setting(True, "Whether it drifts.")

    def open(self) -> Reader:
        raise NotImplementedError


@dataclass(frozen=True)
class Broker:
    """A feed that can't be made without a topic."""

    kind: ClassVar[str] = "broker"
    title: ClassVar[str] = "Broker"
    icon: ClassVar[str] = ":material/stream:"
    subject: ClassVar[str] = "topic"
    packages: ClassVar[tuple[Package, ...]] = ()

    topic: str = setting("", "Which.")
    start: str = setting("latest", "Where.", choices=("latest", "earliest"))
    bootstrap_servers: str = setting("", "Where it listens.")
    properties: tuple[tuple[str, str], ...] = setting((), "From the connection.", secret=True)

    def __post_init__(self) -> None:
        if not self.topic:
            raise BadSettings("topic", "topic is empty: choose one")
        if self.start not in ("latest", "earliest"):
            raise BadSettings("start", f"{self.start!r} is no place to start: choose latest or earliest")

    def open(self) -> Reader:
        raise NotImplementedError


SOURCES = {"simulated": Simulated, "broker": Broker}


def read(params: dict[str, list[str]], *, adhoc: bool = True) -> tuple[Board, list[Complaint]]:
    return read_link(params, sources=SOURCES, views=VIEWS, adhoc=adhoc)


def link(board: Board) -> dict[str, list[str]]:
    """The link as the page reads it: a list of texts a name."""
    written = write_link(board)
    return {name: [value] if isinstance(value, str) else value for name, value in written.items()}


names = st.text(max_size=20)
filters = st.builds(Filter, field=names.filter(bool), op=st.sampled_from(OPERATORS), value=names).map(str)
sources = st.one_of(
    st.builds(Simulated, rate=st.floats(1, 1000), series=st.integers(1, 2**53 - 1), drift=st.booleans()),
    st.builds(Broker, topic=names.filter(bool), start=st.sampled_from(["latest", "earliest"]), bootstrap_servers=names),
    st.just(Unfinished(Broker, (("start", "earliest"),), Complaint("topic", "topic is empty: choose one"))),
)
instants = st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)).map(format_instant)  # noqa: DTZ001 - hypothesis adds the zone
boards_strategy = st.builds(
    Board,
    source=sources,
    views=st.none() | st.sets(st.sampled_from(VIEWS)).map(lambda some: tuple(each for each in VIEWS if each in some)),
    value=names,
    by=names,
    agg=st.sampled_from(["", *AGGREGATES]),
    where=st.lists(filters, max_size=boards.MOST_FILTERS, unique=True).map(tuple),
    window=st.sampled_from(["", "5s", "90s", *boards.WINDOW_PRESETS, "7d"]),
    refresh=st.sampled_from([*boards.REFRESH_PRESETS.values(), "0.25s", "1m"]),
    mode=st.just("paused"),
    at=instants | st.just(""),
)


@given(boards_strategy)
def test_a_board_goes_through_its_link_unchanged(board: Board) -> None:
    assert read(link(board)) == (board, [])


@given(st.dictionaries(st.sampled_from([each.name for each in fields(Board)]) | names, st.lists(st.text(), max_size=3)))
def test_any_link_gives_a_board_that_goes_through_its_own_link(params: dict[str, list[str]]) -> None:
    board, _ = read(params)
    again, complaints = read(link(board))
    assert again == board
    assert complaints == []


@given(
    st.sampled_from(["rate", "series", "drift", "refresh", "window", "at", "mode"]),
    st.sampled_from(["nan", "inf", "-1", "1e400", "9" * 5000, "1e9d", "", "٣", "0001-01-01T00:00+23:59", "٣s"])
    | st.text(),
)
def test_a_hostile_number_or_time_never_raises(name: str, text: str) -> None:
    board, complaints = read({"mode": ["paused"], name: [text]})
    assert complaints or link(board).keys() <= {"mode", name}


def test_the_default_board_has_an_empty_link() -> None:
    board, complaints = read({})
    assert board == Board(source=Simulated())
    assert complaints == []
    assert write_link(board) == {}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("source", "telepathy", "'telepathy' is none of simulated, broker; 'simulated' is used instead"),
        ("agg", "median", "'median' is none of mean, sum"),
        ("window", "soon", "'soon' is no length of time: write a number and a unit"),
        ("window", "9000d", "'9000d' is not from 5s to 7300d; it is left out"),
        ("refresh", "10ms", "'10ms' is not from 0.1s to 60s; '1s' is used instead"),
        ("views", "kpi,nonsense", "'nonsense' is none of kpi, series, health"),
        ("where", "region", "'region' is no filter: write field:op:value"),
        ("where", "region:like:x", "'like' is no comparison: write one of eq, ne"),
        ("mode", "dead", "'dead' is none of live, paused"),
        ("rate", "fast", "'fast' is not a number from 1 up to 1,000; '100.0' is used instead"),
        ("rate", "1e9", "'1e9' is not a number from 1 up to 1,000"),
        ("rate", "nan", "'nan' is not a number from 1 up to 1,000"),
        ("series", "2.5", "'2.5' is not a whole number from 1"),
        ("series", "9007199254740992", "'9007199254740992' is not a whole number from 1"),
        ("drift", "perhaps", "'perhaps' is not true or false; 'True' is used instead"),
    ],
)
def test_a_value_that_makes_no_sense_falls_back_and_says_so(name: str, text: str, message: str) -> None:
    board, complaints = read({name: [text]})
    assert board == Board(source=Simulated())
    assert [each.setting for each in complaints] == [name]
    assert message in complaints[0].message


def test_a_complaint_repeats_at_most_forty_characters_of_what_was_given() -> None:
    _, complaints = read({"agg": ["x" * 1000]})
    assert "x" * 40 in complaints[0].message
    assert "x" * 41 not in complaints[0].message


def test_a_parameter_nobody_knows_is_named_without_its_value() -> None:
    board, complaints = read({"windwo": ["1h"], "properties": ["hunter2"]})
    assert board == Board(source=Simulated())
    assert [each.setting for each in complaints] == ["link"]
    assert "left out: 'properties', 'windwo'" in complaints[0].message
    assert "hunter2" not in complaints[0].message


def test_durations_and_instants_are_kept_in_their_shortest_form() -> None:
    board, _ = read({"window": ["60m"], "refresh": ["500ms"], "mode": ["paused"], "at": ["2024-05-01T14:00:00+02:00"]})
    assert (board.window, board.refresh, board.at) == ("1h", "0.5s", "2024-05-01T12:00:00Z")
    assert board.at_us == int(datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000


def test_an_instant_counts_only_while_paused() -> None:
    assert read({"at": ["2024-05-01T12:00:00Z"]})[0].at == ""


def test_views_stand_in_the_order_of_the_page_and_may_be_none() -> None:
    assert read({"views": ["health,kpi"]})[0].views == ("kpi", "health")
    board, _ = read({"views": ["none"]})
    assert board.views == ()
    assert write_link(board) == {"views": "none"}


def test_too_many_filters_are_cut_and_the_rest_is_said() -> None:
    board, complaints = read({"where": [f"n:eq:{n}" for n in range(30)]})
    assert len(board.where) == boards.MOST_FILTERS
    assert "30 filters are too many" in complaints[0].message


def test_a_source_without_what_it_needs_keeps_what_is_known() -> None:
    board, complaints = read({"source": ["broker"], "start": ["earliest"]})
    assert board.source == Unfinished(
        Broker, (("start", "earliest"),), Complaint("topic", "topic is empty: choose one")
    )
    assert complaints == []
    assert write_link(board) == {"source": "broker", "start": "earliest"}


def test_a_setting_the_source_refuses_falls_back_alone() -> None:
    board, complaints = read({"source": ["broker"], "topic": ["pumps"], "start": ["yesterday"]})
    assert board.source == Broker(topic="pumps")
    assert complaints == [Complaint("start", "'yesterday' is no place to start: choose latest or earliest")]


def test_an_address_in_a_link_is_refused_where_strangers_can_come() -> None:
    params = {"source": ["broker"], "topic": ["pumps"], "bootstrap_servers": ["10.0.0.1:22"]}
    board, complaints = read(params, adhoc=False)
    assert board.source == Broker(topic="pumps")
    assert [each.setting for each in complaints] == ["bootstrap_servers"]
    assert "named connections" in complaints[0].message
    assert read(params, adhoc=True)[0].source == Broker(topic="pumps", bootstrap_servers="10.0.0.1:22")


def test_a_secret_is_never_written_into_a_link() -> None:
    source = Broker(topic="pumps", properties=(("sasl_plain_password", "hunter2"),))
    assert write_link(Board(source=source)) == {"source": "broker", "topic": "pumps"}


@pytest.mark.parametrize(
    ("value", "by", "expected"),
    [
        ("", "", ("load", "site")),
        ("heat", "region", ("heat", "region")),
        ("", "none", ("load", "")),
        ("unheard of", "", ("unheard of", "site")),
    ],
)
def test_what_is_left_open_is_decided_by_the_feed(value: str, by: str, expected: tuple[str, str]) -> None:
    board = Board(source=Simulated(), value=value, by=by, window="1h")
    choice = board.choice(
        Offer((Measure("load", "load"), Measure("heat", "heat")), ("site", "region"), "site"), points=100
    )
    assert (choice.value, choice.by, choice.window_s, choice.points) == (*expected, 3600.0, 100)


def test_a_feed_without_fields_has_its_events_counted_as_one_series() -> None:
    assert Board(source=Simulated()).choice(Offer()) == Choice(agg="count")


@pytest.mark.parametrize("kind", SOURCES.values())
def test_no_setting_of_a_source_takes_a_name_of_the_board(kind: type) -> None:
    assert not {each.name for each in form_fields(kind)} & {each.name for each in fields(Board)}


def test_a_setting_the_source_refuses_keeps_its_last_good_value() -> None:
    source, complaints = make_source(Broker, {"topic": "pumps", "start": "soon"}, {"start": "earliest", "topic": "old"})
    assert source == Broker(topic="pumps", start="earliest")
    assert [each.setting for each in complaints] == ["start"]


def test_an_emptied_setting_keeps_its_last_good_value() -> None:
    source, complaints = make_source(Broker, {"topic": ""}, {"topic": "pumps"})
    assert source == Broker(topic="pumps")
    assert complaints == [Complaint("topic", "topic is empty: choose one")]
