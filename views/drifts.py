"""What changed in a feed, in words."""

from state.drift import Drift


def told(drift: Drift) -> str:
    """One line.

    >>> told(Drift(0, "load", "changed type", "from numbers to text"))
    'load changed type: from numbers to text'
    """
    what = f"{drift.field} {drift.kind}" if drift.field else drift.kind
    return f"{what}: {drift.detail}" if drift.detail else what
