"""Whether a label is a state: of one thing it goes on to be what it is, while the feed goes from thing to thing."""

import numpy as np
import numpy.typing as npt

from state.field_seen import FieldSeen
from state.growth import label_codes

Small = npt.NDArray[np.int16]

CHANGES = 3
"""A state has changed so often within things, at the least."""
STEPS = 20
"""Of fewer steps none is judged."""
SHARED = 1.5
"""Each state is one of so many things on average, at the least: what is of one thing alone is its part, or its other name."""
CALMER = 0.5
"""Within things it changes at most so often, as a share of how often it changes from row to row."""


def is_state_of(state: FieldSeen, thing: FieldSeen) -> bool:
    """Whether one field is a state of what the other names, both columns of the same rows, in order of arrival.

    Where rows come from thing to thing, a state jumps about, and is calm within each. What never changes within a thing is
    no state but a group of things; and what changes as often within things as without is what an event is about. Where things
    are each in a state of their own for a while, the things are calm within states too, but less so.

    >>> import pyarrow as pa
    >>> pump, running = ["a", "b", "c"] * 20, ["on"] * 10 + ["off"] * 10
    >>> status = [running[(at // 3 + 7 * (at % 3)) % 20] for at in range(60)]
    >>> pump, status = (FieldSeen("", pa.chunked_array([each])) for each in (pump, status))
    >>> is_state_of(status, pump), is_state_of(pump, status)
    (True, False)
    """
    both = state.column.is_valid().to_numpy() & thing.column.is_valid().to_numpy()
    # They are few enough to split by, and small numbers are sorted fast.
    states = label_codes(state.column)[both].astype(np.int16)
    things = label_codes(thing.column)[both].astype(np.int16)
    if len(states) <= STEPS:
        return False
    if len(np.unique(things * (int(states.max()) + 1) + states)) < SHARED * len(np.unique(states)):
        return False
    changes, calm = _within(states, things)
    return changes >= CHANGES and calm <= CALMER and calm < _within(things, states)[1]


def _within(labels: Small, groups: Small) -> tuple[int, float]:
    """How often (n,) labels change within groups, and what share of the steps that is, over the share from row to row."""
    order = np.argsort(groups, kind="stable")
    same = groups[order][1:] == groups[order][:-1]
    changed = (labels[order][1:] != labels[order][:-1])[same]
    jumps = float((labels[1:] != labels[:-1]).mean())
    calm = float(changed.mean()) / jumps if len(changed) >= STEPS and jumps else 1.0
    return int(changed.sum()), calm
