"""What is found out of a field, and by what."""

from typing import Literal, NamedTuple

Role = Literal["time", "measure", "dimension", "identifier", "name", "text", "latitude", "longitude", "empty"]
"""`name`: of a long feed, the field that names what is measured, and those that say its type or its unit."""

ENOUGH = 12
"""Of fewer values none is judged by how they are spread."""


class Found(NamedTuple):
    """A role and the reason for it. Reasons hold no counts that grow with the feed: a changed one redraws the page."""

    role: Role
    why: str


class Steps(NamedTuple):
    """How a field's numbers go on within one series.

    ones  the share of steps that are exactly one up
    ups   the share of steps that do not go down
    many  how many steps were looked at
    """

    ones: float = 0.0
    ups: float = 0.0
    many: int = 0
