"""What once upset a reader, or might: each file of `corpus/TARGET/` is read by that target, which raises nothing and costs little."""

from pathlib import Path

import pytest

from tests.poison.fuzz import CORPUS
from tests.poison.targets import TARGETS
from tests.poison.watchdog import watched

CASES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", [pytest.param(each, id=each.relative_to(CORPUS).as_posix()) for each in CASES])
def test_what_was_found_is_borne(path: Path) -> None:
    with watched():
        TARGETS[path.parent.name].take(path.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_a_genuine_input_is_borne(name: str) -> None:
    for data in TARGETS[name].seeds:
        with watched():
            TARGETS[name].take(data)
