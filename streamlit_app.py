"""Pulseboard: point it at a metric feed, get a live dashboard.

    streamlit run streamlit_app.py

The page from top to bottom: what to watch, what this session remembers, where things appear, then the loop that consumes,
remembers and draws.
"""

import time
from pathlib import Path

import streamlit as st

from sources import SOURCES
from sources.protocol import Source
from state.choice import Choice
from state.feed import Feed
from state.feeds import Feeds, TooManyFeeds
from state.process import prepare_process
from state.reports import report_every_minute
from state.schema import Offer
from state.settings import Unfinished
from state.still import scene_at, scene_of
from state.viewer import Viewer
from views import PANELS, header, suiting
from views.attention import attended
from views.controls import choose_source, choose_view
from views.gate import admit, show_logout
from views.gone_sessions import let_go_of_sessions
from views.held_uploads import bound_uploads
from views.kept_files import keep_files
from views.moment import Moment
from views.page import Page
from views.pause import show_pause_button
from views.probe import offer_metrics
from views.reasons import Facts
from views.session import link_complaints, recall
from views.standing import show_standing
from views.streamlit_log import take_over_streamlits_log
from views.ticks import ticks
from views.troubles import laid_out

FIRST_EVENTS_S = 1.0
"""How long the first frame waits for a feed's history to begin, so that the page opens on a full board."""
NEWS_S = 0.03
"""A frame waits at most so long for what the feed can read at its instant."""
RERUN_EVERY_S = 2.0
"""What stands outside the loop follows what is found in the feed no oftener than this."""
PLAY_EVERY_S = 0.5
"""A board that is played is drawn at least so often: it goes faster than a live one."""
ENTER_EVERY_S, ENTER_SHARE = (0.5, 2.0), 0.2
"""A run that has ended comes back to the loop after a refresh, but not sooner or later than this, or than such a share of the refresh:
the browser asks so often, whether the loop runs or not."""

st.set_page_config("Pulseboard", Path(__file__).parent / "docs/images/icon.png", layout="wide")


@st.cache_resource
def shared_feeds() -> Feeds:
    """All feeds of this process, each read once, whoever watches."""
    prepare_process(let_go_of_sessions)
    take_over_streamlits_log()
    keep_files()
    bound_uploads()
    feeds = Feeds()
    report_every_minute(feeds)
    offer_metrics(feeds)
    return feeds


# What to watch, for whom it is

feeds = shared_feeds()
admit()
line, age = header.show_title()
titles = {name: panel.title for name, panel in PANELS.items()}
source = choose_source(SOURCES, titles)
points = header.show_source(line, source)
header.show_complaints(link_complaints())


def remembered(feed: Feed, *, paused: bool) -> Viewer:
    """This session's memory of the feed; a new one where it is of another. While paused, one that was opened anew is the same."""
    viewer: Viewer | None = st.session_state.get("viewer")
    if viewer is None or not (viewer.feed is feed or (paused and viewer.feed.source == feed.source)):
        viewer = st.session_state["viewer"] = Viewer(feed)
    return viewer


def is_opened(source: Source) -> bool:
    """Whether this session comes to the feed of these settings: its page was opened or reloaded, or has shown another."""
    viewer: Viewer | None = st.session_state.get("viewer")
    return viewer is None or viewer.feed.source != source


def watch(feed: Feed) -> None:  # noqa: C901, PLR0915 - live, played and paused are three modes of one page
    """The board of a feed: what this session remembers of it, where things appear, then consume, remember, draw."""
    feed.wait_for_first_events(FIRST_EVENTS_S)
    offer, reading, time_why, failed = feed.schema.offer, feed.reading, feed.times.why, feed.failed
    header.show_reading(line, reading, feed.times)
    board = choose_view(offer, titles, suiting(offer))
    if failed and header.show_failure(feed):
        feeds.retry(feed)
        st.rerun()
    header.show_invitation(feed)

    # What this session remembers

    viewer = remembered(feed, paused=board.at_us is not None)
    choice = board.choice(offer, points)
    moment = Moment(recall(), viewer)
    playback = moment.playback(choice)
    refresh_s = min(board.refresh_s, PLAY_EVERY_S) if playback else board.refresh_s
    if board.at_us is None or playback:
        refresh_s = attended(line, refresh_s, feed.memory_s)
    st.session_state["entering"] = True

    # Where things appear

    def facts(choice: Choice) -> Facts:
        return Facts(feed.source, board, choice, offer, reading, time_why)

    # Consume, remember, draw

    @st.fragment(run_every=max(ENTER_EVERY_S[0], min(refresh_s, ENTER_EVERY_S[1]), ENTER_SHARE * refresh_s))
    def live(page: Page) -> None:
        """The loop. A full run draws one frame and ends, which tidies the page; each run after it stays for a shift."""
        entering = st.session_state.pop("entering", False)
        began = time.time()
        page.renew()
        for due in ticks(refresh_s):
            feed.watch(refresh_s, id(viewer))
            feed.wait_for_read(due, NEWS_S)
            shared, over = playback or feeds.live(feed, choice), False
            with page.attempt("this frame"):  # what fails is said, and the next frame is tried
                if entering:
                    shared.tick(due)  # in nobody's turn: a choice that is new goes through all of the history
                with feeds.turn:
                    tick = shared.tick(due)
                    if recall().page is not page:
                        return  # the next run has begun beside this one: what it remembers is not this one's to change
                    viewer.follow(tick.frame.now_us, take=playback is None)
                    over = not page.draw(tick, feed, viewer, feeds.viewers, due)
            page.say_troubles()
            if entering or over:
                return
            now = (feeds.running(feed.source), feed.schema.offer, feed.reading, feed.times.why, feed.failed)
            settled = bool(offer.fields) and not failed and not feed.failed
            if now != (feed, offer, reading, time_why, failed) and not (settled and due < began + RERUN_EVERY_S):
                st.rerun()  # what stands outside the loop is of another feed, or of another state of it
            if playback and playback.caught_up:
                moment.resume()
                st.rerun()

    if board.at_us is None or playback:
        show_pause_button(line, moment)
        live(Page(facts(choice), moment, age, refresh_s))
        return
    viewer.stand(board.at_us)
    if feed.schema.offer != offer:
        st.rerun()  # its history has told more of it
    whole = scene_at(choice, board.at_us)
    scene = scene_of(choice, *board.range_us, board.at_us) if board.range_us else whole
    show_standing(moment, board, scene, whole, facts(scene.choice))


# Not st.stop() where there is nothing to watch: a run that stops early leaves the loop of the board before it alive.
if isinstance(source, Unfinished):
    choose_view(Offer(), titles, ())
    header.show_unfinished(source)
else:
    with laid_out("The board", source):
        try:
            opened = feeds.feed(source, anew=is_opened(source))
        except TooManyFeeds as full:
            choose_view(Offer(), titles, ())
            header.show_full(full)
        else:
            watch(opened)
show_logout()
