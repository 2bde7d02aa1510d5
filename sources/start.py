"""Where in a retained stream to start reading: history first, then live."""

from dataclasses import dataclass
from typing import Any, Literal

from sources.durations import parse_duration
from sources.errors import BadSettings
from sources.protocol import setting

LAST_MAXIMUM = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Start:
    """A start position.

    where   `latest`: only what comes from now on; `earliest`: everything retained;
            `last`: so many events back, in each partition; `age`: so many seconds back
    amount  events for `last`, seconds for `age`, else 0
    """

    where: Literal["latest", "earliest", "last", "age"]
    amount: float = 0.0


def start_setting(events: str, where: str = "Where to start", more: str = "") -> Any:
    """The setting `start`; `events` says what `last 1000` counts, `more` what else is to be known."""
    return setting(
        "10m",
        f"{where}: `latest` (from now on), an age such as `10m` (history first, then live), `last 1000` ({events}) or "
        f"`earliest` (all there is).{more}",
        label="Start at",
        choices=("latest", "10m", "1h", "last 1000", "earliest"),
    )


def parse_start(text: str, more: str = "") -> Start:
    """Read a start position as people type it. Raises BadSettings beside `start`; `more` says what else could be written.

    >>> parse_start("latest"), parse_start("last 1000")
    (Start(where='latest', amount=0.0), Start(where='last', amount=1000.0))
    >>> parse_start("10m")
    Start(where='age', amount=600.0)
    """
    words = text.lower().split()
    match words:
        case ["latest"]:
            return Start("latest")
        case ["earliest"]:
            return Start("earliest")
        case ["last", count] if count.isascii() and count.isdigit() and 0 < int(count[:12]) <= LAST_MAXIMUM:
            return Start("last", float(count))
        case ["last", *_]:
            raise BadSettings("start", f"{text[:40]!r} names no number of events: write one, such as last 1000")
    try:
        return Start("age", parse_duration(text))
    except ValueError:
        raise BadSettings(
            "start",
            f"{text[:40]!r} is no start position: write latest, earliest, last 1000, or an age such as 10m{more}",
        ) from None
