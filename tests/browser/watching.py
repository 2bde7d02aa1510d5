"""A source chosen and set up by hand, and what the board then says of it."""

from collections.abc import Mapping

from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as TookTooLong

from tests.browser.board_page import READ_PULSE, BoardPage

FIGURES = """() => Object.fromEntries([...document.querySelectorAll('.st-key-panel-kpi .pb-kpi')].map(card =>
    [card.querySelector('.pb-name').title, card.querySelector('.pb-value').firstChild.textContent]))"""

AGE = "() => document.querySelector('.st-key-age')?.innerText ?? ''"

INTERRUPTED = """() => [...document.querySelectorAll('.st-key-panel-health .pb-tile')]
    .find(tile => tile.innerText.includes('interrupted'))?.querySelector('b').lastChild.textContent"""


def set_up(board: BoardPage, title: str, settings: Mapping[str, str]) -> None:
    """Choose a source and fill in its form, from top to bottom, by the labels that stand there."""
    board.choose("Source", title)
    for label, text in settings.items():
        field = board.sidebar().get_by_label(label, exact=True)
        if field.evaluate("field => field.tagName") == "TEXTAREA":
            field.fill(text)
            field.press("Control+Enter")
        else:
            board.type(label, text)


def choose_offered(board: BoardPage, label: str, option: str) -> list[str]:
    """Choose in a select as soon as it offers that; returns all that it offers, in its order."""
    select = board.sidebar().get_by_role("combobox", name=label, exact=True)
    select.scroll_into_view_if_needed()
    select.click()
    found = board.page.get_by_role("option", name=option, exact=True)
    found.wait_for()  # the list is asked for where the address leads to, and follows while it is open
    offered = board.page.get_by_role("option").all_inner_texts()
    found.click()
    return offered


def wait_for_events(board: BoardPage, count: int) -> None:
    """Wait until so many events were read, no less and no more."""
    try:
        board.wait(f"count => Number(({READ_PULSE})()?.[1]) === count", count)
    except TookTooLong:
        assert board.pulse().events == count
        raise


def wait_for_figures(board: BoardPage, expected: Mapping[str, str]) -> None:
    """Wait until the key figures are these, by the names of their series."""
    try:
        board.wait(
            f"expected => {{ const shown = ({FIGURES})();"
            " return Object.keys(shown).length === Object.keys(expected).length"
            " && Object.entries(expected).every(([name, text]) => shown[name] === text); }",
            dict(expected),
        )
    except TookTooLong:
        assert board.page.evaluate(FIGURES) == dict(expected)
        raise


def wait_for_age(board: BoardPage, words: str) -> None:
    """Wait until the page says so of how its events get here."""
    board.wait(f"words => ({AGE})().endsWith(words)", words)


def message(board: BoardPage, text: str) -> Locator:
    """Where the page itself, not its sidebar, says so."""
    return board.page.get_by_test_id("stMain").get_by_text(text).first
