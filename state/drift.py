"""What changes in a feed while it runs: fields that come, go or change their type, and how messages are read."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Drift:
    """One change, at an event time.

    at_us   microseconds since the epoch
    field   the field's name; "" where it is about all messages
    kind    what happened
    detail  in words: from what to what
    """

    at_us: int
    field: str
    kind: Literal["appeared", "vanished", "changed type", "changed format"]
    detail: str
