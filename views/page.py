"""What changes with each frame, from top to bottom: the progress line, the panels, and the marker for machines."""

from collections.abc import Callable
from contextlib import suppress

from streamlit.errors import StreamlitInvalidLayoutContextError

from state.feed import Feed
from state.live import Tick
from state.viewer import Viewer
from views.broken import Broken, about
from views.downloads import Taken, show_chart_downloads
from views.header import Age, Progress, Pulse
from views.layout import layout
from views.moment import Moment
from views.pace import pace_words
from views.panel import Stand
from views.pause import PlayingBar
from views.reasons import Facts
from views.recorder import RecordingLine
from views.troubles import Troubles, try_again_later


class Page:
    """Laid out by a full run, drawn on by the loop.

    The places stand outside the loop's fragment, because a widget inside it, such as those behind a panel's reason, would be
    heard only when a shift of the loop ends.
    """

    def __init__(self, facts: Facts, moment: Moment, age: Age | None = None, refresh_s: float = 0.0) -> None:
        """`age` is None on a board that stands still: its bar says of when it is."""
        self._age = age
        self._refresh_s = refresh_s
        playback = moment.memory.playback
        self._playing = PlayingBar(moment, playback) if playback else None
        self._troubles = Troubles(about(facts.source, facts.choice))
        self.attempt = self._troubles.attempt
        self._recording = RecordingLine()
        self._progress = Progress()
        self._slots = layout(facts, moment.memory.touched)
        self._pulse = Pulse()
        moment.memory.page = self
        moment.viewer.pace.rest()

    def renew(self) -> None:
        """A run of the loop begins: what it does not send anew, Streamlit takes for left over when it ends."""
        if self._age is not None:
            self._age.renew()
        self._troubles.renew()
        self._recording.renew()
        self._progress.renew()
        for slot in self._slots:
            slot.renew()

    def draw(self, tick: Tick, feed: Feed, viewer: Viewer, viewers: Callable[[], int], due: float) -> bool:
        """Show a tick of the loop. False if this run is over: the next one, which starts beside it, has laid out the page anew."""
        viewer.pace.update(due, self._refresh_s)
        # All panels are prepared first: what is then sent at one go goes out at one go, too.
        drawn = [(slot, slot.prepare(tick)) for slot in self._slots if slot.due(due)]
        try:
            with self.attempt("the recording's line"):
                self._recording.show(feed)
            with self.attempt("the line of how far the feed is"):
                self._progress.show(feed)
            if self._playing is not None:
                with self.attempt("the bar of what is played"):
                    self._playing.show()
            for slot, drawing in drawn:
                slot.show(drawing, due)
            if self._age is not None:
                with self.attempt("the age of what is shown"):
                    self._age.show(tick.frame, pace_words(viewer.pace, viewers, tick.frame.health))
            self._pulse.show(tick.frame, viewer.frames)
        except StreamlitInvalidLayoutContextError:
            return False
        return True

    def say_troubles(self) -> None:
        """Say what crashed in this frame outside of the panels."""
        with suppress(StreamlitInvalidLayoutContextError):  # this run is over
            self._troubles.show()

    def stand(self, tick: Tick, feed: Feed, stand: Stand, taken: Taken) -> None:
        """Show a tick once, in a run that ends: its panels can be touched, and taken away."""
        broken = False
        self._recording.show(feed)
        self._progress.show(feed)
        for slot in self._slots:
            payload = slot.show_still(tick, stand)
            broken = broken or isinstance(payload, Broken)
            with slot.head, self.attempt(f"the downloads of {slot.panel.title}"):
                show_chart_downloads(slot.panel, payload, taken)
        self._pulse.show(tick.frame, frames=1)
        self._troubles.show()
        if broken:
            try_again_later()
