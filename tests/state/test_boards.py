"""A saved board holds what its link holds, and a name is never a path."""

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
