"""A tab that is hidden and shown again, as far as its page can tell: headless Chromium hides none, whatever is brought to the front."""

from tests.browser.board_page import READ_PULSE, BoardPage

_SAY = """hidden => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event('visibilitychange')); }"""

NEWS_AGE_S = f"() => (Date.now() - Date.parse(({READ_PULSE})()?.[0])) / 1000"
"""How old the newest event on the page is."""


def hide(board: BoardPage) -> None:
    board.page.evaluate(_SAY, True)


def show(board: BoardPage) -> None:
    board.page.evaluate(_SAY, False)


def seconds_until_current(board: BoardPage, within_s: float = 1.0) -> float:
    """How long it takes, from now on, until the newest event on the page is no older than that; of a feed that never rests."""
    return float(
        board.page.evaluate(
            f"""within => new Promise(done => {{ const began = performance.now();
                const look = () => ({NEWS_AGE_S})() <= within ? done((performance.now() - began) / 1000) : setTimeout(look, 10);
                look(); }})""",
            within_s,
        )
    )
