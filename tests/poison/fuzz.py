"""Ten minutes of poison for everything that reads what somebody else has written.

    python -m tests.poison.fuzz                       all targets, ten minutes in all
    python -m tests.poison.fuzz --seconds 60 link     some of them, a minute in all

What is found is made as small as can be and printed with the file to keep it in, under tests/poison/corpus/TARGET/; `pytest`
replays every file there. Exits with 1 if anything was found.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.poison.poison import inputs
from tests.poison.targets import TARGETS
from tests.poison.watchdog import watched

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 600.0
ROUND = 40
"""So many inputs are made between two looks at the clock."""


class Found(Exception):
    """An input that a target can't bear: its name, the smallest such input, and what happened."""

    def __init__(self, target: str, data: bytes, error: BaseException) -> None:
        super().__init__(f"{target}: {type(error).__name__}: {str(error)[:200]}")
        self.target, self.data, self.error = target, data, error

    def keep(self) -> Path:
        """Write the input where it is replayed."""
        path = CORPUS / self.target / sha256(self.data).hexdigest()[:10]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.data)
        return path


def fuzz(name: str, seconds: float, start: int) -> int:
    """Feed one target for so long; how many inputs it was given. Raises Found.

    start  makes the inputs: the same for the same number
    """
    target, count = TARGETS[name], 0
    deadline = time.monotonic() + seconds
    smallest: list[tuple[bytes, BaseException]] = []

    def take(data: bytes) -> None:
        nonlocal count
        if time.monotonic() > deadline and not smallest:  # the rest of a round: some inputs have a client wait
            return
        count += 1
        try:
            with watched():
                target.take(data)
        except Exception as error:
            smallest[:] = [(data, error)]
            raise

    while time.monotonic() < deadline:
        made: Callable[[], None] = given(inputs(target.seeds))(take)
        quick = settings(
            max_examples=ROUND,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        try:
            seed(start + count)(quick(made))()
        except Exception as error:
            if not smallest:
                raise
            raise Found(name, *smallest[0]) from error
    return count


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))  # noqa: S311 - for variety
    given_ = parser.parse_args()
    names = given_.targets or list(TARGETS)
    failed = 0
    for name in names:
        try:
            count = fuzz(name, given_.seconds / len(names), given_.seed)
            sys.stdout.write(f"{name}: {count:,} inputs\n")
        except Found as found:
            failed += 1
            sys.stdout.write(f"{found}\n    {found.data[:300]!r}\n    kept as {found.keep()}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
