"""How each feed does, as metrics that a probe reads: `GET /_stcore/metrics`, in the text format of OpenMetrics.

Whoever can open the page can read them, so a feed is known by its source and a number there: which topic or table it is, the log says.
"""

import time
from collections.abc import Mapping, Sequence

from streamlit import runtime
from streamlit.runtime.stats import GaugeStat

from state.feeds import Feeds
from state.reports import figures

UP = "pulseboard_feed_up"
FAMILIES = {
    UP: "1 while the feed is read, 0 while it waits for its source, has failed or has ended.",
    "pulseboard_feed_events": "Events read since the feed was opened.",
    "pulseboard_feed_age_s": "Seconds since the newest event, by its own time.",
    "pulseboard_feed_lag": "Events that wait at the source.",
    "pulseboard_feed_lost": "Events known to be lost on the way.",
    "pulseboard_feed_unsure_s": "Seconds in which events may have been lost: nobody was connected.",
    "pulseboard_feed_malformed": "Messages that could not be decoded.",
    "pulseboard_feed_untimed": "Events placed at the time of their record or arrival.",
    "pulseboard_feed_viewers": "Viewers who watch it.",
    "pulseboard_feed_held": "Events in memory.",
    "pulseboard_feed_bytes": "Bytes that these take.",
}
_READ = ("live", "catching up")


class Metrics:
    """What Streamlit asks for when its metrics are read: a `StatsProvider`."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds

    @property
    def stats_families(self) -> Sequence[str]:
        """The names of all there are."""
        return tuple(FAMILIES)

    def get_stats(self, family_names: Sequence[str] | None = None) -> Mapping[str, Sequence[GaugeStat]]:
        """Those that are asked for, of each feed."""
        asked = FAMILIES.keys() & (family_names or FAMILIES)
        found: dict[str, list[GaugeStat]] = {name: [] for name in FAMILIES if name in asked}
        for feed in self._feeds.all():
            state, labels = feed.status.state, {"feed": feed.name, "source": feed.source.kind}
            if UP in found:
                found[UP].append(GaugeStat(UP, int(state in _READ), {**labels, "state": state}, help=FAMILIES[UP]))
            for name, value in figures(feed, time.time()).items():
                family = f"pulseboard_feed_{name}"
                if family in found:  # whole numbers: Streamlit's way to write them knows no others
                    found[family].append(GaugeStat(family, round(value), labels, help=FAMILIES[family]))
        return found


def offer_metrics(feeds: Feeds) -> None:
    """Have Streamlit offer them. Once a process."""
    if runtime.exists():
        runtime.get_instance().stats_mgr.register_provider(Metrics(feeds))
