"""Which of the names that are watched are streams, and what else there is to watch."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from redis.exceptions import NoPermissionError, ResponseError

from sources.errors import AuthFailed, BadSettings, NotFound
from sources.redis_errors import explain
from sources.redis_link import Link
from sources.redis_properties import Server

SCAN_S, AGAIN_S = 3.0, 0.05
"""How long one may look through all keys for streams: at first, and each time it is done again."""

SCAN_KEYS = 1_000
"""About so many keys one step of it looks at."""

MOST_STREAMS = 1_000
MOST_LISTED = 2_000

_NOTIFICATIONS = ("__keyspace@", "__keyevent@")
_STREAM, _NOTHING = b"stream", b"none"


@dataclass(frozen=True, slots=True)
class Found:
    """What names stand for.

    streams   keys that are read as streams; none where the names are channels
    patterns  those of the names that may come to mean more streams
    """

    streams: tuple[bytes, ...]
    patterns: tuple[bytes, ...]


class Search:
    """Looks through the keys for streams whose names fit, a little at a time."""

    def __init__(self, patterns: Sequence[bytes]) -> None:
        self._patterns = patterns
        self._cursors = [b"0"] * len(patterns)

    def step(self, link: Link, seconds: float) -> set[bytes]:
        """What was found in that time, going on where the last one stopped; a round ends early. Raises a SourceError."""
        found: set[bytes] = set()
        deadline = time.monotonic() + seconds
        for index, pattern in enumerate(self._patterns):
            for cursor, keys in _scan(link, pattern, self._cursors[index]):
                found.update(keys)
                self._cursors[index] = cursor
                if time.monotonic() > deadline:
                    break
        return found


def is_pattern(name: str) -> bool:
    """Whether a name may stand for many.

    >>> is_pattern("plant:*"), is_pattern("plant:a")
    (True, False)
    """
    return any(sign in name for sign in "*?[")


def patterns_in(names: Sequence[str]) -> tuple[bytes, ...]:
    """Those of the names that streams may fit."""
    return tuple(name.encode() for name in names if is_pattern(name) and not name.startswith(_NOTIFICATIONS))


def find(link: Link, names: Sequence[str], via: str, again: Search | None = None) -> Found:
    """What the names stand for. Raises NotFound where they can't be watched so, or another SourceError.

    again  goes on a little with that search for their patterns, instead of looking through all keys
    """
    if via == "pubsub":
        return Found((), ())
    kinds = dict(zip(names, link.ask_all([("TYPE", name) for name in names]), strict=True))
    for name, kind in kinds.items():
        if isinstance(kind, ResponseError) and (via == "stream" or not isinstance(kind, NoPermissionError)):
            raise explain(kind, link.server)
        if not is_pattern(name) and isinstance(kind, bytes) and kind not in (_STREAM, _NOTHING):
            raise NotFound(
                f"{name[:60]!r} at {link.server.address} is a {kind.decode()[:20]}, which is no feed: name a stream, or "
                "choose via pubsub if a channel of that name is meant."
            )
    streams = {name.encode() for name, kind in kinds.items() if kind == _STREAM}
    patterns = tuple(name for name in patterns_in(names) if kinds[name.decode()] != _STREAM)
    try:
        streams |= again.step(link, AGAIN_S) if again else Search(patterns).step(link, SCAN_S)
    except AuthFailed:
        if via == "stream":
            raise
    if not streams and via == "stream":
        raise _no_stream(link, names)
    if len(streams) > MOST_STREAMS:
        raise BadSettings("channel", f"{len(streams):,} streams have such names: narrow the pattern, at most 1,000 fit")
    if streams:  # what is no stream yet may become one
        streams |= {name.encode() for name in names if not is_pattern(name)}
    return Found(tuple(sorted(streams)), patterns)


def list_names(server: Server) -> list[str]:
    """The streams, and the channels that somebody is subscribed to, sorted; at most MOST_LISTED of each. Raises a SourceError."""
    with Link(server) as link:
        refused: AuthFailed | None = None
        found: set[bytes] = set()
        try:
            found |= _streams(link)
        except AuthFailed as error:
            refused = error
        channels = link.ask_all([("PUBSUB", "CHANNELS")])[0]
        if isinstance(channels, list):
            found.update(channels[:MOST_LISTED])
        elif refused is not None:
            raise refused
        names = [name.decode("utf-8", "replace") for name in found]
    return sorted(name for name in names if not name.startswith("__") and "," not in name and name.isprintable())


def _streams(link: Link) -> set[bytes]:
    return set(sorted(Search((b"*",)).step(link, SCAN_S))[:MOST_LISTED])


def _scan(link: Link, pattern: bytes, cursor: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """One round through the keys from a cursor on: the cursor after each step, and the streams it found."""
    while True:
        cursor, keys = link.ask("SCAN", cursor, "MATCH", pattern, "COUNT", SCAN_KEYS, "TYPE", "stream")
        yield cursor, keys
        if cursor == b"0":
            return


def _no_stream(link: Link, names: Sequence[str]) -> NotFound:
    try:
        there = [each.decode("utf-8", "replace") for each in _streams(link)]
    except AuthFailed:
        there = []
    near = get_close_matches(names[0], there, n=3) or sorted(there)[:3]
    advice = (
        f"there are {', '.join(each[:60] for each in near)}"
        if near
        else "check the name and db, or choose via auto to wait"
    )
    return NotFound(f"Redis at {link.server.address} has no stream {names[0][:60]!r}: {advice}.")
