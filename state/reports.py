"""How each feed does, for whoever runs this: one line of the log a minute."""

import logging
import threading
import time
from collections.abc import Callable

from state.choice import MICROSECONDS
from state.feed import Feed
from state.feeds import Feeds
from state.logs import HANDLER
from state.settings import subject

EVERY_S = 60.0

logger = logging.getLogger("pulseboard.health")

Figures = dict[str, float | int]


def figures(feed: Feed, now: float) -> Figures:
    """What of a feed can be counted; docs/OPERATIONS.md says what each means. What is not known is left out.

    now  seconds since the epoch
    """
    newest_us = feed.times.newest_us
    known: dict[str, float | int | None] = {
        "events": feed.seen,
        "rate": round(feed.arrivals.rate(), 3),
        "age_s": None if newest_us is None else round(now - newest_us / MICROSECONDS, 3),
        "lag": sum(feed.lag.values()) if feed.lag else None,
        "lost": feed.gaps.lost,
        "unsure_s": round(feed.gaps.seconds, 3),
        "malformed": feed.malformed,
        "untimed": feed.times.untimed,
        "viewers": feed.viewers,
        "held": feed.retained.events,
        "bytes": feed.retained.nbytes,
    }
    return {name: figure for name, figure in known.items() if figure is not None}


def report(feeds: Feeds, now: float) -> None:
    """One line for each feed."""
    for feed in feeds.all():
        named = {"feed": feed.name, "source": feed.source.kind, "subject": subject(feed.source)}
        named["state"] = feed.status.state
        logger.info("feed health", extra={"fields": {**named, **figures(feed, now)}, "paced": True})


def report_every_minute(feeds: Feeds, every_s: float = EVERY_S, clock: Callable[[], float] = time.time) -> None:
    """Begin to, on a thread of its own; what the log has held back is said then, too."""

    def run() -> None:
        never = threading.Event()
        while not never.wait(every_s):
            try:
                report(feeds, clock())
                HANDLER.say_what_was_held_back()
            except Exception:  # the next minute is another try
                logger.exception("the feeds' health could not be reported")

    threading.Thread(target=run, name="reports", daemon=True).start()
