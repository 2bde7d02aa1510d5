"""All feeds of this process, each read once however many watch."""

import threading
import time

from sources.protocol import Source
from state.budget import Budget, most_bytes
from state.choice import Choice
from state.feed import IDLE_S, Feed
from state.live import Live
from state.notes import Notes

REOPEN_S = 10.0
"""So long after a feed has stopped at what nobody foresaw it is opened anew, for those who still watch it."""
RETRY_S = 20.0
"""Whoever opens a page has a feed that failed tried again, but not oftener than this: many a server locks out who keeps asking."""
MOST_FEEDS = 50
"""So many are read at once: each has a thread, a connection, and what it has not handed on yet."""
LEFT_S = 5.0
"""A feed that nobody has watched for so long may make room for another; one that was just opened is watched in a moment."""
MOST_LIVE_BYTES = 128 * 1024 * 1024
"""What the running aggregates of all choices may take. A usual one takes half a megabyte, one of 1,000 series fifty times that."""
MOST_NOTED = 100
"""Of so many feeds that nobody watches any more the notes are kept."""
TIDY_S = 1.0
"""So often it is looked what nobody uses any more; also when something is added."""


class TooManyFeeds(Exception):
    """As many feeds are read and watched as may be. Says so to the user."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"As many feeds are being read and watched here as may be at once, {most}: "
            "close a board that nobody needs, or open one of the feeds that others watch; then try again."
        )


class Feeds:
    """Equal settings are the same feed, and equal choices on it the same frames.

    Bounded, whatever viewers open: in feeds, in the bytes of all their events together (see `Budget`) and of all aggregates.
    """

    def __init__(
        self,
        idle_s: float = IDLE_S,
        reopen_s: float = REOPEN_S,
        *,
        most_feeds: int = MOST_FEEDS,
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget or Budget(most_bytes())
        self._idle_s = idle_s
        self._reopen_s = reopen_s
        self._most_feeds = most_feeds
        self._feeds: dict[Source, Feed] = {}
        self._lives: dict[tuple[Source, Choice], Live] = {}
        self._notes: dict[Source, Notes] = {}
        self._tidied = 0.0
        self._lock = threading.Lock()
        self.turn = threading.Lock()
        """Held by the live viewer who draws. All are due at the same instant, and threads that wait for a lock cost nothing, while
        those that wait for the interpreter wake each other at every call that lets go of it."""

    def feed(self, source: Source, *, anew: bool = False) -> Feed:
        """The running feed of these settings, started if there is none. One that ended, or that only the user can mend, stays.

        Where there are too many, the one that nobody has watched for longest makes room. Raises TooManyFeeds where all are watched.

        anew  whether one that failed is to be tried again, unless it has only just failed
        """
        with self._lock:
            left = self._feeds.get(source)
            if left is not None and not (self._is_over(left) or (anew and left.failed_s > RETRY_S)):
                return left
            if left is None and len(self._feeds) >= self._most_feeds:
                left = self._left_longest()
            if left is not None:
                self._drop(left)
            notes = self._notes.pop(source, None)  # what was written outlives the feed it was written on
            feed = self._feeds[source] = Feed(
                source, idle_s=self._idle_s, on_idle=self._forget, notes=notes, budget=self.budget
            )
            feed.start()
        if left is not None:
            left.close()
        return feed

    def running(self, source: Source) -> Feed | None:
        """The feed of these settings, if there is one that need not be opened anew."""
        feed = self._feeds.get(source)
        return None if feed is not None and self._is_over(feed) else feed

    def _is_over(self, feed: Feed) -> bool:
        return feed.stumbles.gave_up and feed.failed_s > self._reopen_s

    def viewers(self) -> int:
        """How many watch this process's feeds. Takes time in proportion to them."""
        return sum(feed.viewers for feed in self.all())

    def live(self, feed: Feed, choice: Choice) -> Live:
        """The shared frames of this choice; of a feed that has ended nobody's but the caller's."""
        with self._lock:
            if self._feeds.get(feed.source) is not feed:
                return Live(feed, choice)
            live = self._lives.get((feed.source, choice))
            if live is None or live.feed is not feed:
                live = self._lives[feed.source, choice] = Live(feed, choice)
                self._tidied = 0.0
            live.used = time.monotonic()
            if live.used - self._tidied > TIDY_S:
                self._tidied = live.used
                self._tidy()
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

    def _left_longest(self) -> Feed:
        """The feed that nobody has watched for longest."""
        feed = max(self._feeds.values(), key=lambda each: each.unwatched_s)
        if feed.unwatched_s < LEFT_S:
            raise TooManyFeeds(self._most_feeds)
        return feed

    def _tidy(self) -> None:
        """Let go of the aggregates that nobody uses, and of those used least lately where there are too many. Called with the lock held."""
        kept = sorted(self._lives.items(), key=lambda each: -each[1].used)
        oldest, room = kept[0][1].used - self._idle_s, MOST_LIVE_BYTES
        self._lives = {}
        for key, live in kept:
            room -= live.nbytes
            if not self._lives or (live.used >= oldest and room >= 0):
                self._lives[key] = live

    def _forget(self, feed: Feed) -> None:
        with self._lock:
            self._drop(feed)

    def _drop(self, feed: Feed) -> None:
        """Take the feed, if it is there, and all that was made of it off the list. Called with the lock held."""
        if self._feeds.get(feed.source) is feed:
            del self._feeds[feed.source]
            if feed.notes.all:
                self._notes[feed.source] = feed.notes
                while len(self._notes) > MOST_NOTED:
                    del self._notes[next(iter(self._notes))]
        self._lives = {key: live for key, live in self._lives.items() if live.feed is not feed}
