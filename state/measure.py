"""What a board can aggregate."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter", "amount"]

USUAL: dict[Kind, str] = {"gauge": "mean", "amount": "sum", "counter": "rate"}
"""What is shown of a measure, by its kind, where nobody chose."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of rows that are aggregates already, each of a time bucket at its producer; "" for one that is not there.

    Never without `count` and `sum`; a mean instead of a sum is told by `mean`.
    """

    count: str
    sum: str = ""
    min: str = ""
    max: str = ""
    mean: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that a feed measures.

    name   on the board and in the link: the field's, or what a long feed says in another field
    field  the column that holds its numbers; "" where `parts` do
    where  filters that single it out of a long feed, `field:op:value`
    kind   `gauge`: a state, averaged; `counter`: grows and restarts, shown as a rate; `amount`: adds up
    unit   as in `sources.fields.units`; "" where nothing tells
    parts  where rows are aggregates already
    why    what told; no part of what it is, so that a changed word computes nothing anew
    """

    name: str
    field: str
    where: tuple[str, ...] = ()
    kind: Kind = "gauge"
    unit: str = ""
    parts: Parts | None = None
    why: str = dataclasses.field(default="", compare=False)
