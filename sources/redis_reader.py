"""Opening what was asked for: streams, or channels, or channels until there is a stream."""

import threading
from collections.abc import Sequence

from sources.batch import Batch
from sources.protocol import Reader
from sources.redis_channels import ChannelReader
from sources.redis_ids import EntryId
from sources.redis_link import Link
from sources.redis_names import Found, find, is_pattern, patterns_in
from sources.redis_properties import Server
from sources.redis_start import Beginning
from sources.redis_streams import StreamReader
from sources.start import Start


def open_reader(server: Server, names: Sequence[str], via: str, start: Start | EntryId, format: str) -> Reader:  # noqa: A002 - as in the link
    """A connected reader. Raises a SourceError.

    via  `stream`, `pubsub`, or `auto`: streams where there is one of the names, else channels until there is one
    """
    with Link(server) as link:
        found = find(link, names, via)
    if found.streams:
        several = len(names) > 1 or bool(found.patterns)
        streams = StreamReader(server, found, Beginning(start), several=several, format=format)
        streams.open()
        return streams
    channels = ChannelReader(server, names, awaits=via == "auto", format=format)
    channels.open()
    return channels if via == "pubsub" else AwaitingReader(server, names, channels, format)


class AwaitingReader:
    """Reads channels, and the streams of their names as soon as there is one: from its first entry, since there was none before."""

    def __init__(self, server: Server, names: Sequence[str], channels: ChannelReader, format: str) -> None:  # noqa: A002 - as in the link
        self._server = server
        self._names = names
        self._format = format
        self._reader: ChannelReader | StreamReader = channels
        self._closed = False
        self._lock = threading.Lock()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll."""
        reader = self._reader
        batch = reader.poll(timeout_s)
        if isinstance(reader, ChannelReader) and reader.superseded and not len(batch):
            self._change(reader)
        return batch

    def close(self) -> None:
        """See Reader.close."""
        with self._lock:
            self._closed = True
        self._reader.close()

    def _change(self, channels: ChannelReader) -> None:
        plain = tuple(name.encode() for name in self._names if not is_pattern(name))
        patterns = patterns_in(self._names)
        with self._lock:
            if self._closed:
                return
            self._reader = StreamReader(
                self._server,
                Found(plain, patterns),
                Beginning.earliest(),
                several=len(self._names) > 1 or bool(patterns),
                format=self._format,
            )
        channels.close()
