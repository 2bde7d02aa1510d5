"""A file is there as a whole or not at all, of the usual mode."""

import os
from pathlib import Path

import pytest

from sources.whole_file import whole_file


@pytest.fixture
def no_links(monkeypatch):
    def refuse(self, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)


def test_a_file_has_the_mode_that_any_new_file_has(tmp_path):
    before = os.umask(0o022)
    try:
        with whole_file(tmp_path / "a") as file:
            file.write(b"whole")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("fresh", [False, True])
def test_it_is_not_there_before_it_is_whole_and_nothing_is_left_of_a_failed_one(tmp_path, fresh):
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "a", fresh=fresh) as file:
        file.write(b"half")
        assert not (tmp_path / "a").exists()
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with whole_file(tmp_path / "a", fresh=fresh) as file:
        file.write(b"whole")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]


def refused_beside_another(folder):
    with pytest.raises(FileExistsError), whole_file(folder / "a", fresh=True) as file:
        (folder / "a").write_bytes(b"another's")
        file.write(b"whole")
    assert [path.read_bytes() for path in folder.iterdir()] == [b"another's"]


def test_a_fresh_file_leaves_what_somebody_else_has_written_meanwhile(tmp_path):
    refused_beside_another(tmp_path)


def test_a_disk_without_links_keeps_to_that_too(tmp_path, no_links):
    refused_beside_another(tmp_path)
    with whole_file(tmp_path / "b", fresh=True) as file:
        file.write(b"whole")
    assert (tmp_path / "b").read_bytes() == b"whole"


def test_another_file_takes_the_place_of_an_older_one(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with whole_file(tmp_path / "a") as file:
        file.write(b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]
