"""What was posted and not yet taken: all of a post or nothing of it."""

import threading
import time
from collections import deque
from dataclasses import dataclass

from sources.batch import Gap

MOST_EVENTS = 200_000
MOST_BYTES = 64_000_000
"""What an inbox holds at the most. A feed empties it several times a second."""

TAKEN = 20_000
"""After so many messages a poll takes no further post."""

OVERHEAD = 64
"""Bytes that each message costs besides its own."""

REFUSED = "posts were refused because they came faster than they could be read; their senders were told"


@dataclass(frozen=True, slots=True)
class Post:
    """The messages of one post, and when they came: microseconds since the epoch."""

    at_us: int
    messages: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes that it takes to keep them, about."""
        return sum(map(len, self.messages)) + OVERHEAD * len(self.messages)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one poll takes: posts, oldest first, how many messages wait behind them, and what may have been lost."""

    posts: list[Post]
    waiting: int = 0
    gaps: tuple[Gap, ...] = ()


class Inbox:
    """Bounded in events and bytes. One thread offers, another takes; any thread may close it."""

    def __init__(self, most_events: int = MOST_EVENTS, most_bytes: int = MOST_BYTES) -> None:
        self._most_events = most_events
        self._most_bytes = most_bytes
        self._posts: deque[tuple[Post, int]] = deque()
        self._events = 0
        self._bytes = 0
        self._refused_since_us = 0
        self._closed = False
        self._news = threading.Condition()

    @property
    def closed(self) -> bool:
        """Whether it takes and gives nothing any more."""
        return self._closed

    def has_room(self, post: Post, size: int) -> bool:
        """Whether a post of that size would be accepted. A post of any size is, where nothing else is held."""
        with self._news:
            return not self._posts or (
                self._events + len(post.messages) <= self._most_events and self._bytes + size <= self._most_bytes
            )

    def offer(self, post: Post, size: int) -> bool:
        """Keep a post of that size, for which there is room; False once closed."""
        with self._news:
            if self._closed:
                return False
            self._posts.append((post, size))
            self._events += len(post.messages)
            self._bytes += size
            self._news.notify_all()
            return True

    def refused(self) -> None:
        """Note that a post was not accepted whose sender may not send it again."""
        with self._news:
            self._refused_since_us = self._refused_since_us or int(time.time() * 1e6)
            self._news.notify_all()

    def take(self, timeout_s: float) -> Taken:
        """What is there, as soon as there is anything; nothing if nothing came in time, or once closed."""
        with self._news:
            self._news.wait_for(lambda: self._posts or self._refused_since_us or self._closed, timeout_s)
            posts: list[Post] = []
            count = 0
            while self._posts and count < TAKEN:
                post, size = self._posts.popleft()
                posts.append(post)
                count += len(post.messages)
                self._bytes -= size
            self._events -= count
            gaps: tuple[Gap, ...] = ()
            if self._refused_since_us:
                gaps = (Gap(self._refused_since_us, int(time.time() * 1e6), None, REFUSED),)
                self._refused_since_us = 0
            return Taken(posts, self._events, gaps)

    def close(self) -> None:
        """Let go of everything. Safe to call twice and from any thread."""
        with self._news:
            self._closed = True
            self._posts.clear()
            self._events = self._bytes = self._refused_since_us = 0
            self._news.notify_all()
