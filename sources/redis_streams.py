"""Reading streams: history in pages, then live, each entry once, through a server's death and return."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any

from redis.exceptions import ResponseError

from sources.batch import Batch
from sources.formats.names import AUTO
from sources.receiver import Receiver
from sources.redis_entries import OVERHEAD, Entry, EntryDecoder, entry_of, text_of
from sources.redis_errors import explain
from sources.redis_ids import END, EntryId, id_text
from sources.redis_link import Link
from sources.redis_names import AGAIN_S, MOST_STREAMS, Found, Search
from sources.redis_place import NO_STREAM, Info, Place, read_info
from sources.redis_properties import Server
from sources.redis_start import Beginning

PAGE, PAGE_BYTES = 5_000, 4_000_000
"""About the most entries, and bytes, of one answer."""

FIRST_BYTES = 40_000.0
"""What an entry is taken to measure before one is known: the first page is short."""

BLOCK_S = 4.0
"""How long the server waits for something to send."""

SETTLE_S = 0.25
"""How long it waits while it is not settled yet whether any of what came before were trimmed away unread."""

PACE_S = 0.01
"""Entries that come within this time are fetched together."""

LOOK_S = 1.0
"""How often a stream is asked whether any were trimmed away unread, while entries come."""

SEARCH_S = 10.0
"""How often streams that fit a pattern are looked for."""


@dataclass(slots=True)
class _Stream:
    """A stream: where reading stands, and entries that wait for older ones of other streams.

    full   whether more is likely to be there than the last answer held
    told   what was last said to wait
    """

    key: bytes
    name: str
    place: Place
    held: list[tuple[EntryId, Entry]] = field(default_factory=list)
    full: bool = True
    told: int = 0


_Item = tuple[Entry | None, str, int]
"""An entry, its stream, and how many wait after it there; no entry where only the last has changed."""


class StreamReader:
    """Opened streams. Keeps the place in each itself, so that a new connection goes on where the last ended."""

    def __init__(
        self,
        server: Server,
        found: Found,
        begin: Beginning,
        *,
        several: bool = False,
        format: str = AUTO,  # noqa: A002 - as in the link
    ) -> None:
        """Not connected yet. `several`: whether each event says of which stream it is."""
        self._server = server
        self._found = found
        self._several = several
        self._begin = begin
        self._decoder = EntryDecoder(format)
        self._asked = format != AUTO
        self._streams: dict[bytes, _Stream] = {}
        self._search = Search(found.patterns)
        self._searched = time.monotonic()
        self._looked = 0.0
        self._unsettled: dict[bytes, _Stream] = {}
        self._mean = FIRST_BYTES
        self._lag: dict[str, int] = {}
        self._receiver: Receiver[_Item] = Receiver(self._receive, f"Redis at {server.address}", keeps=True)

    def open(self) -> None:
        """Connect and take up the start position. Raises a SourceError."""
        self._receiver.open()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll."""
        received = self._receiver.take(timeout_s)
        for _, name, waits in received.items:
            self._lag[name] = waits
        entries = [entry for entry, _, _ in received.items if entry is not None]
        batch = self._decoder.batch(entries, received.gaps, dict(self._lag))
        return replace(batch, earlier=sum(each.place.earlier for each in list(self._streams.values())))

    def close(self) -> None:
        """See Reader.close."""
        self._receiver.close()

    # On the receiver's thread

    def _receive(self, receiver: Receiver[_Item]) -> None:
        link = Link(self._server)
        receiver.cancel_with(link.shut)
        with link:
            self._look(link, receiver, self._streams.values())
            new = [key for key in self._found.streams if key not in self._streams]
            self._take_up(link, receiver, new, self._begin)
            receiver.ready()
            self._hand_over(receiver)  # what came just before the last connection was lost
            while not receiver.closed:
                self._look_for_more(link, receiver)
                if not self._read(link, receiver):
                    receiver.wait(PACE_S)

    def _take_up(self, link: Link, receiver: Receiver[_Item], keys: list[bytes], begin: Beginning) -> None:
        """Stand at the start position of each."""
        infos = dict(zip(keys, _infos(link, keys), strict=True))
        if begin.takes_long:
            self._lag |= {text_of(key): begin.after(info) or 0 for key, info in infos.items()}
            receiver.ready()
        for key, info in infos.items():
            place = Place.at(begin.position(link, key, info), info, begin.after(info))
            stream = _Stream(key, text_of(key), place, told=place.waits)
            self._lag[stream.name] = place.waits
            self._streams[key] = stream

    def _look_for_more(self, link: Link, receiver: Receiver[_Item]) -> None:
        """Take up streams that have come to be and fit a pattern, from their first entry."""
        if not self._found.patterns or time.monotonic() - self._searched < SEARCH_S:
            return
        new = sorted(self._search.step(link, AGAIN_S) - self._streams.keys())
        self._take_up(link, receiver, new[: max(0, MOST_STREAMS - len(self._streams))], Beginning.earliest())
        self._searched = time.monotonic()

    def _read(self, link: Link, receiver: Receiver[_Item]) -> bool:
        """Fetch and hand over one answer's worth; whether to ask for more at once."""
        due = [each for each in self._streams.values() if not each.held]
        count = max(1, int(min(PAGE, PAGE_BYTES / self._mean) / len(due)))
        more = any(each.full for each in self._streams.values())
        wait_s = 0.0 if more else SETTLE_S if self._unsettled else BLOCK_S
        wait: tuple[str | int, ...] = () if more else ("BLOCK", int(wait_s * 1000))
        words = ("COUNT", count, *wait, "STREAMS", *(each.key for each in due))
        answer = link.ask("XREAD", *words, *(id_text(each.place.read) for each in due), wait_s=wait_s)
        news = self._hold(due, dict(answer or {}), count)
        self._settle(link, receiver, news)
        self._hand_over(receiver)
        return not news or any(each.full for each in self._streams.values())

    def _settle(self, link: Link, receiver: Receiver[_Item], news: list[_Stream]) -> None:
        """Look after those of which more waits, and now and then after all that anything came of."""
        self._unsettled |= {each.key: each for each in news}
        asked = [each for each in news if each.full]
        if not news or time.monotonic() - self._looked > LOOK_S:
            asked = list(self._unsettled.values())
            self._looked = time.monotonic()
            self._unsettled.clear()
        self._look(link, receiver, asked)

    def _hold(self, due: Iterable[_Stream], answer: dict[bytes, Any], count: int) -> list[_Stream]:
        """Keep what came; the streams that it came of."""
        news = []
        for stream in due:
            entries = answer.get(stream.key, ())
            stream.full = len(entries) >= count
            if not stream.full:
                stream.place.waits = 0
            if not entries:
                continue
            news.append(stream)
            for raw, flat in entries:
                identity = raw.decode()
                milliseconds, _, sequence = identity.partition("-")
                at = (int(milliseconds), int(sequence))
                entry = entry_of(identity, at, flat or (), stream.name, several=self._several, asked=self._asked)
                stream.held.append((at, entry))
            stream.place.advance(stream.held[-1][0], len(entries))
            size = sum(entry.size for _, entry in stream.held) / len(entries)
            self._mean = max(float(OVERHEAD), (self._mean + size) / 2, size)
        return news

    def _hand_over(self, receiver: Receiver[_Item]) -> None:
        """What is held, by id over all streams, as far as no older entries can be missing."""
        until = min((each.place.read for each in self._streams.values() if each.full), default=END)
        ready = []
        for stream in self._streams.values():
            if not stream.held:
                if not stream.full and stream.told:
                    receiver.put_when_room((None, stream.name, 0), 0)
                    stream.told = 0
                continue
            number = sum(1 for identity, _ in stream.held if identity <= until)
            after = stream.place.waits + len(stream.held)
            ready.append([(at, stream.name, after - i - 1, each) for i, (at, each) in enumerate(stream.held[:number])])
            stream.told = after - number
            del stream.held[:number]
        for _, name, waits, entry in ready[0] if len(ready) == 1 else merge(*ready, key=_by_id):
            if not receiver.put_when_room((entry, name, waits), entry.size):
                return

    def _look(self, link: Link, receiver: Receiver[_Item], streams: Iterable[_Stream]) -> None:
        """Settle how much waits in these, and tell what was trimmed away unread."""
        asked = list(streams)
        for stream, info in zip(asked, _infos(link, [each.key for each in asked]), strict=True):
            gap = stream.place.look(info)
            if gap is not None:
                receiver.lost(replace(gap, why=f"{gap.why} ({stream.name[:60]})") if self._several else gap)


def _by_id(item: tuple[EntryId, str, int, Entry]) -> EntryId:
    return item[0]


def _infos(link: Link, keys: list[bytes]) -> list[Info]:
    """What each stream says of itself. Raises a SourceError."""
    if not keys:
        return []
    return [_info(answer, link) for answer in link.ask_all([("XINFO", "STREAM", key) for key in keys])]


def _info(answer: Any, link: Link) -> Info:
    if isinstance(answer, ResponseError):
        if "no such key" in str(answer):
            return NO_STREAM
        raise explain(answer, link.server)
    return read_info(answer)
