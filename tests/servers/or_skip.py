"""A server for a test that is skipped where there is none."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NoReturn, TypeVar

import pytest

Server = TypeVar("Server")


class Unavailable(Exception):
    """What a test needs is not here; the message says what is missing."""


def skip(reason: object) -> NoReturn:
    """The test can't run here for this reason: with REQUIRE_ALL=1 that is a failure."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(str(reason))
    pytest.skip(str(reason))


@contextlib.contextmanager
def or_skip(start: AbstractContextManager[Server]) -> Iterator[Server]:
    """What `start` gives; where it raises Unavailable, the test is skipped with its reason, or fails with REQUIRE_ALL=1."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(start)
        except Unavailable as reason:
            skip(reason)
        yield server
