"""Why a panel shows what it shows, in one line."""

from dataclasses import dataclass

from sources.batch import Reading
from sources.protocol import Source
from state.board import NONE, Board
from state.choice import Choice
from state.schema import Offer
from views.measured import measured


@dataclass(frozen=True, slots=True)
class Facts:
    """What the reasons of one board are made of.

    reading   how the source's messages are read; None where it has none
    time_why  where event time is read from, and what told
    """

    source: Source
    board: Board
    choice: Choice
    offer: Offer
    reading: Reading | None
    time_why: str


def reason(panel: str, facts: Facts) -> str:
    """What told that the panel is right as it is."""
    board, choice, offer = facts.board, facts.choice, facts.offer
    measure, split = _measure(board, choice), _split(board, choice, offer)
    reading = facts.reading
    if not offer.fields:
        return "nothing has come yet that could be looked at"
    parts = {
        "measures": [f"{len(offer.measures)} measures were found, each is shown by its kind"],
        "raw": ["single events, before anything is aggregated", measure],
        "distribution": ["how the single values spread", measure],
        "heatmap": ["when which values came", measure],
        "breakdown": [split, measure],
        "events": [f"read as {reading.format}: {reading.why}" if reading else "as they came"],
        "health": [facts.time_why or "what was dropped, late or malformed"],
    }.get(panel, [measure, split])
    return "; ".join(parts).replace("`", "")  # it is shown as plain text, in which they would stand as they are


def _measure(board: Board, choice: Choice) -> str:
    if not choice.value:
        return "nothing to measure was found, so events are counted"
    if board.agg:
        return f"{measured(choice)}, as chosen"
    kind = choice.read.kind
    told = choice.read.why or {"counter": "a counter", "amount": "it adds up", "gauge": "a level"}[kind]
    return f"{choice.value}: {told}, so {'shown as a rate' if kind == 'counter' else 'summed' if kind == 'amount' else 'averaged'}"


def _split(board: Board, choice: Choice, offer: Offer) -> str:
    if not choice.by:
        return "not split, as chosen" if board.by == NONE else "nothing to split by was found"
    if board.by:
        return f"split by {choice.by}, as chosen"
    why = next((why for field, _, why in offer.roles if field == choice.by), "")
    return f"{choice.by}: {why}, so split by colour" if why else f"split by {choice.by}"
