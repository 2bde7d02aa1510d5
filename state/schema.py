"""What the fields of a feed are, inferred from its events, with the reason for each guess."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from sources.batch import RESERVED, TIME
from state.found import Found
from state.growth import label_codes
from state.inference import Inferred, infer
from state.kept_order import in_kept_order
from state.long_feed import MAX_METRICS
from state.measure import Measure
from state.sample import Sample
from state.span import LADDER, usual_window
from state.tables import times

MAX_FIELDS = 1000
"""A feed's fields beyond the first so many are let go."""
NUMBERS = {"int64", "double"}
"""Types that make no mixture."""
REST = 20
"""After a look at the sample so many times as long passes before a new field is cause for another."""


USUAL_WINDOW = LADDER[0]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a board can choose from. Two are equal where a board has the same choice, whatever else is known of the fields.

    measures    what can be aggregated; the first is the default
    dimensions  fields that can split a measure
    fields      all of them
    split       the dimension a board is split by unless told; "" for none
    identity    the fields that together tell one counter from another
    roles       what each field was taken for and why: (field, role, why), in order of appearance
    window      how far back a board looks unless told, so that it shows a course and not a point
    """

    measures: tuple[Measure, ...] = ()
    dimensions: tuple[str, ...] = ()
    split: str = ""
    fields: tuple[str, ...] = field(default=(), compare=False)
    identity: tuple[str, ...] = ()
    roles: tuple[tuple[str, str, str], ...] = field(default=(), compare=False)
    window: str = USUAL_WINDOW

    def measure(self, name: str) -> Measure | None:
        """The measure of that name; None where none is offered under it."""
        return next((each for each in self.measures if each.name == name), None)


class Schema:
    """The fields of one feed, learnt from a sample of its events.

    One thread updates it; any thread may read `offer`, which is replaced as a whole. The sample is looked at anew where a
    field is new or has changed its type, and as the events seen have doubled: a board stays calm, and pays next to nothing.

    >>> schema = Schema()
    >>> schema.update(pa.table({"host": ["a", "b"], "cpu": [0.5, 0.7], "user_id": [1, 2]}))
    >>> [measure.name for measure in schema.offer.measures], schema.offer.dimensions
    (['cpu'], ('host',))
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.time_field = ""
        """The field that event time is read from; the feed sets it, and it is no measure."""
        self.near_us: int | None = None
        """An event time of the newest batch, microseconds since the epoch; the feed sets it."""
        self.offer = Offer()
        self._clock = clock
        self._sample = Sample()
        self._kinds: dict[str, set[str]] = {}
        self._roles: dict[str, Found] = {}
        self._measures: dict[str, Measure] = {}
        self._settled = False
        self._placed_still: frozenset[str] = frozenset()
        """Measures that have not changed since they got their places."""
        self._rows = 0
        self._review_at = 0
        self._known: tuple[object, ...] = ()
        self._rests_until = 0.0

    def update(self, table: pa.Table) -> None:
        """Learn from one batch, and renew the offer where that may have changed it."""
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name != TIME and (name in self._kinds or len(self._kinds) < MAX_FIELDS):
                self._kinds.setdefault(name, set()).add(str(column.type))
        times_too = [TIME] if TIME in table.column_names else []
        self._sample.update(table.select([*times_too, *self.known(table.column_names)]))
        self._rows += len(table)
        known = (self.time_field, len(self._kinds), sum(map(len, self._kinds.values())))
        due = self._rows >= self._review_at
        began = self._clock()
        if due or (known != self._known and began >= self._rests_until):
            self._known = known
            self._review_at = 2 * self._rows if due else self._review_at
            self._review()
            self._rests_until = self._clock() + REST * (self._clock() - began)

    def known(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are among the first MAX_FIELDS of the feed: all that a feed keeps.

        Names made of data, such as `users.4711.visits`, would else make each segment a table of endless width.
        """
        return [name for name in names if name in self._kinds]

    def _review(self) -> None:
        sample = self._sample.table()
        found = infer(sample, self.time_field, self.near_us)
        for name in self._kinds:
            role = found.roles.get(name)
            if role is not None and (role.role != "empty" or name not in self._roles):
                mixed = (
                    role.role not in ("measure", "empty")
                    and len(self._kinds[name] - NUMBERS) + bool(self._kinds[name] & NUMBERS) > 1
                )
                self._roles[name] = Found(role.role, "mixed types, read as text; " + role.why) if mixed else role
        self.offer = replace(self._offered(found), window=_window(sample, found.split))

    def _offered(self, found: Inferred) -> Offer:
        """What the sample shows, and what is not in it any more: fields and metrics that come seldom stay on offer.

        Once the first measure is settled, all stay in the places in which they were offered, as long as it is in the sample.
        Only those that begin to change get another, once: behind all others nobody would find them.
        """
        measures = {each.name: each for each in found.measures}
        stands = self._settled and next(iter(self._measures)) in measures
        woken = self._placed_still & measures.keys() - found.still
        is_long = any(each.where for each in found.measures)
        for name, each in self._measures.items():
            seen = each.field in found.roles and found.roles[each.field].role != "empty"
            if bool(each.where) == is_long if each.where else not seen and each.parts is None:
                measures.setdefault(name, each)
        new = [name for name in measures if name not in self._measures]
        room = max(MAX_METRICS, len(found.measures)) - (len(measures) - len(new))
        dropped = set(new[max(0, room) :])
        ordered = [name for name in measures if name not in dropped]
        before = [name for name in self._measures if name in measures and name not in woken] if stands else []
        self._measures = measures = {name: measures[name] for name in in_kept_order(before, ordered)}
        self._placed_still = (self._placed_still - woken) | (found.still & set(new)) if before else found.still
        self._settled = bool(before) or found.settled
        have = {name for name, role in self._roles.items() if role.role == "dimension"}
        own = dict.fromkeys((*found.dimensions, *(name for name in self._kinds if name in have)))
        dimensions = sorted(own, key=lambda name: name.startswith(RESERVED))
        fields = tuple(self._kinds)
        roles = tuple((name, *self._roles[name]) for name in fields if name in self._roles)
        return Offer(tuple(measures.values()), tuple(dimensions), found.split, fields, found.identity, roles)


def _window(sample: pa.Table, split: str) -> str:
    if TIME not in sample.column_names:
        return USUAL_WINDOW
    return usual_window(times(sample), label_codes(sample[split]) if split else np.zeros(len(sample), np.int64))
