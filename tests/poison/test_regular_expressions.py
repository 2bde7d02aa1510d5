"""No regular expression of ours takes long over text that was made for it: time by the square of a text's length is minutes."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from itertools import product

import pytest

import sources
import state

LENGTH = 10_000
CPU_S = 0.1
"""A linear one takes less than a millisecond, a quadratic one some tenths of a second."""

BEGINNINGS = ("", "a", "{", "a b ", '"')
REPEATED = (*"aA0_ \t\n.,:;-/\\\"'([{<=|#@%+é", "a.", "a=", "a ", "A_", "1h", "1,", "a,", '\\"', "()", "a:")
ENDINGS = ("!", "\0", "a")


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Every compiled one that stands in a module, by its name there."""
    for room in (sources, state):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not found.name.endswith("__main__"):
                module = importlib.import_module(found.name)
                yield from (
                    (f"{found.name}.{name}", each)
                    for name, each in vars(module).items()
                    if isinstance(each, re.Pattern)
                )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pattern"), [pytest.param(*each, id=each[0]) for each in patterns()])
def test_time_grows_with_the_length_alone(name: str, pattern: re.Pattern[str] | re.Pattern[bytes]) -> None:
    for beginning, repeated, ending in product(BEGINNINGS, REPEATED, ENDINGS):
        text: str | bytes = beginning + repeated * LENGTH + ending
        if isinstance(pattern.pattern, bytes):
            text = text.encode()
        for match in (pattern.match, pattern.fullmatch):
            began = time.process_time()
            match(text)
            took = time.process_time() - began
            assert took < CPU_S, (
                f"{name} takes {took:.2f} s over {beginning!r}, {LENGTH:,} times {repeated!r} and {ending!r}"
            )


def test_a_slow_one_is_caught() -> None:
    with pytest.raises(AssertionError, match="takes"):
        test_time_grows_with_the_length_alone("slow", re.compile(r"\s*a?\s*b"))
