"""All feeds of this process, each read once however many watch."""

import threading
import time

from sources.protocol import Source
from state.choice import Choice
from state.feed import IDLE_S, Feed
from state.live import Live
from state.notes import Notes

REOPEN_S = 10.0
"""So long after a feed has stopped at what nobody foresaw it is opened anew, for those who still watch it."""
RETRY_S = 20.0
"""Whoever opens a page has a feed that failed tried again, but not oftener than this: many a server locks out who keeps asking."""
MOST_NOTED = 100
"""Of so many feeds that nobody watches any more the notes are kept."""


class Feeds:
    """Equal settings are the same feed, and equal choices on it the same frames."""

    def __init__(self, idle_s: float = IDLE_S, reopen_s: float = REOPEN_S) -> None:
        self._idle_s = idle_s
        self._reopen_s = reopen_s
        self._feeds: dict[Source, Feed] = {}
        self._lives: dict[tuple[Source, Choice], Live] = {}
        self._notes: dict[Source, Notes] = {}
        self._lock = threading.Lock()
        self.turn = threading.Lock()
        """Held by the live viewer who draws. All are due at the same instant, and threads that wait for a lock cost nothing, while
        those that wait for the interpreter wake each other at every call that lets go of it."""

    def feed(self, source: Source, *, anew: bool = False) -> Feed:
        """The running feed of these settings, started if there is none. One that ended, or that only the user can mend, stays.

        anew  whether one that failed is to be tried again, unless it has only just failed
        """
        there = self._feeds.get(source)
        if anew and there is not None and there.failed_s > RETRY_S:
            self.retry(there)
        with self._lock:
            feed = self._feeds.get(source)
            if feed is not None and (feed.stumbles.gave_up_s or 0.0) > self._reopen_s:
                feed.close()
                self._let_go(feed)
                feed = None
            if feed is None:
                notes = self._notes.pop(source, None)  # what was written outlives the feed it was written on
                feed = self._feeds[source] = Feed(source, idle_s=self._idle_s, on_idle=self._forget, notes=notes)
                feed.start()
            return feed

    def viewers(self) -> int:
        """How many watch this process's feeds. Takes time in proportion to them."""
        return sum(feed.viewers for feed in self.all())

    def live(self, source: Source, choice: Choice) -> Live:
        """The shared frames of this choice."""
        feed = self.feed(source)
        with self._lock:
            oldest = time.monotonic() - self._idle_s
            for key in [key for key, live in self._lives.items() if live.used < oldest]:
                del self._lives[key]
            live = self._lives.get((source, choice))
            if live is None or live.feed is not feed:
                live = self._lives[source, choice] = Live(feed, choice)
            return live

    def retry(self, feed: Feed) -> None:
        """Let go of this feed, so that the next one who asks opens it anew; of no other that has taken its place since."""
        feed.close()
        self._forget(feed)

    def close(self) -> None:
        """Close every feed and wait for their threads."""
        feeds = self.all()
        for feed in feeds:
            feed.close()
        for feed in feeds:
            feed.join(10)
            self._forget(feed)

    def all(self) -> list[Feed]:
        """Those that run, or show how they ended."""
        with self._lock:
            return list(self._feeds.values())

    def _forget(self, feed: Feed) -> None:
        with self._lock:
            self._let_go(feed)

    def _let_go(self, feed: Feed) -> None:
        """Called with the lock held."""
        if self._feeds.get(feed.source) is feed:
            del self._feeds[feed.source]
            if feed.notes.all:
                self._notes[feed.source] = feed.notes
                while len(self._notes) > MOST_NOTED:
                    del self._notes[next(iter(self._notes))]
        self._lives = {key: live for key, live in self._lives.items() if live.feed is not feed}
