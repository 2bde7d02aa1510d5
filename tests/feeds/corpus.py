"""The corpus: small samples of topics as real tools write them, and what a careful person reads in each."""

import base64
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FeedSample:
    """Messages of one feed, in order, and the reading expected of it; see README.md beside this file."""

    name: str
    messages: tuple[bytes, ...]
    expected: dict[str, Any]

    def recorded_ms(self, index: int) -> int:
        """The record timestamp of a message, epoch milliseconds."""
        first = datetime.fromisoformat(self.expected["recorded"])
        return (first - _EPOCH) // timedelta(milliseconds=1) + index * int(self.expected["every_ms"])


def load(sidecar: Path) -> FeedSample:
    """The feed of a sidecar."""
    expected = tomllib.loads(sidecar.read_text("utf-8"))
    [data] = [path for path in sidecar.parent.glob(f"{sidecar.stem}.*") if path != sidecar]
    raw = data.read_bytes()
    if expected["messages"] == "blocks":
        messages = [block.strip(b"\n") for block in raw.split(b"---8<---\n")]
    else:
        messages = raw.splitlines()
    if expected["messages"] == "base64":
        messages = [base64.b64decode(message) for message in messages]
    return FeedSample(sidecar.stem, tuple(message for message in messages if message), expected)


def corpus(folder: Path = FOLDER) -> list[FeedSample]:
    """All feeds, by name."""
    return [load(sidecar) for sidecar in sorted(folder.glob("*.toml"))]
