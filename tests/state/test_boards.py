"""A saved board holds what its link holds, and a name is never a path."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.boards import board_names, board_toml, check_name, load_board, save_board

LINKS = st.dictionaries(
    st.text(min_size=1, max_size=20), st.text(max_size=40) | st.lists(st.text(max_size=40), max_size=4), max_size=5
)


@given(LINKS)
def test_a_link_comes_back_from_its_file_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, link: dict[str, str | list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("boards")
    save_board("plant", link, folder)
    assert load_board("plant", folder) == {
        name: [value] if isinstance(value, str) else value for name, value in link.items()
    }


def test_boards_are_listed_by_name_and_the_last_save_counts(tmp_path: Path) -> None:
    folder = tmp_path / "boards"
    assert board_names(folder) == []
    for name, agg in (("b", "max"), ("a", "min"), ("b", "sum")):
        save_board(name, {"agg": agg}, folder)
    assert board_names(folder) == ["a", "b"]
    assert load_board("b", folder) == {"agg": ["sum"]}
    assert sorted(path.name for path in folder.iterdir()) == ["a.toml", "b.toml"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", ".hidden", "a.b", "x" * 65, "na me", "a\0", "con:", "é"])
def test_a_name_that_is_no_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no board's name"):
        check_name(name)
    with pytest.raises(ValueError, match="no board's name"):
        save_board(name, {}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"= 3", b"\xff\xfe", b"a = " + b'"' + b"x" * 100_000 + b'"'])
def test_a_file_that_is_no_board_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_bytes(content)
    with pytest.raises(ValueError, match="the board 'odd' can't be read"):
        load_board("odd", tmp_path)


def test_a_board_that_is_not_saved_names_those_that_are(tmp_path: Path) -> None:
    save_board("plant", {}, tmp_path)
    with pytest.raises(ValueError, match="no board 'plan' is saved here: choose one of plant"):
        load_board("plan", tmp_path)


def test_numbers_and_truths_written_by_hand_are_read_as_a_link_would_say_them(tmp_path: Path) -> None:
    (tmp_path / "hand.toml").write_text('rate = 50\nwhere = ["a:eq:1"]\n', "utf-8")
    assert load_board("hand", tmp_path) == {"rate": ["50"], "where": ["a:eq:1"]}


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "boards").write_text("a file, no folder", "utf-8")
    with pytest.raises(ValueError, match="can't be saved"):
        save_board("plant", {"a": "b"}, tmp_path / "boards")


def test_the_text_is_what_people_would_write() -> None:
    assert board_toml({"source": "kafka", "topic": "metrics"}) == 'source = "kafka"\ntopic = "metrics"\n'


def test_a_board_that_could_not_be_opened_again_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too long to be saved"):
        save_board("long", {"where": ["x" * 100] * 700}, tmp_path)
    with pytest.raises(ValueError, match="2,000 dots at most"):
        save_board("dots", {"value": "a" + ".b" * 2_001}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_so_many_boards_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state.boards.MOST_BOARDS", 2)
    for name in ("a", "b", "a"):
        save_board(name, {}, tmp_path / "deep" / "boards")
    with pytest.raises(ValueError, match="save over one of them"):
        save_board("c", {}, tmp_path / "deep" / "boards")


def test_boards_saved_at_once_under_one_name_are_one_of_them(tmp_path: Path) -> None:
    links = [{"agg": "max", "where": [f"n:eq:{n}"] * 20} for n in range(8)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda link: [save_board("plant", link, tmp_path) for _ in range(30)], links))
    assert {**load_board("plant", tmp_path), "agg": "max"} in links
    assert board_names(tmp_path) == ["plant"]
    assert len(list(tmp_path.iterdir())) == 1


def test_no_path_of_the_server_is_told(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").mkdir()
    with pytest.raises(ValueError, match="can't be read") as told:
        load_board("odd", tmp_path)
    assert str(tmp_path) not in str(told.value)
    (tmp_path / "deep.toml").write_text("a = " + "[" * 20_000, "utf-8")
    with pytest.raises(ValueError, match="can't be read"):
        load_board("deep", tmp_path)
