"""A server for a test that is skipped where there is none."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

import pytest

Server = TypeVar("Server")


@contextlib.contextmanager
def or_skip(start: AbstractContextManager[Server], unavailable: type[Exception]) -> Iterator[Server]:
    """What `start` gives; where it raises `unavailable`, the test is skipped with its reason, or fails with REQUIRE_ALL=1."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(start)
        except unavailable as reason:
            if os.environ.get("REQUIRE_ALL") == "1":
                pytest.fail(str(reason))
            pytest.skip(str(reason))
        yield server
