"""A little of the fuzz, with other inputs each time: see `tests/poison/fuzz.py` for the whole of it."""

import os
import random

import pytest

from tests.poison.fuzz import Found, fuzz
from tests.poison.targets import TARGETS

SECONDS = float(os.environ.get("PULSEBOARD_FUZZ_S", "75"))
"""For all targets together."""

SEED = random.randrange(2**32)  # noqa: S311 - for variety


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_new_upsets_a_reader(name: str) -> None:
    try:
        assert fuzz(name, SECONDS / len(TARGETS), SEED)
    except Found as found:
        pytest.fail(f"{found}\nkept as {found.keep()}: mend what reads it, and leave the file there")
