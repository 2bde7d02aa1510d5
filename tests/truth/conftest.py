"""What all tests of this folder share."""

from collections.abc import Iterator

import pytest
from altair.utils.schemapi import debug_mode


@pytest.fixture(autouse=True, scope="module")
def _quick_and_in_small_pieces() -> Iterator[None]:
    """A few events go through all that many would, at once; and specs are judged by tests of their own."""
    with pytest.MonkeyPatch.context() as patch, debug_mode(False):
        patch.setattr("state.segment.SEGMENT_EVENTS", 24)
        patch.setattr("state.segment.LOOSE_TABLES", 3)
        patch.setattr("state.lens.PIECE_EVENTS", 8)
        patch.setattr("state.beat.BEAT_S", (0.001, 0.001))
        patch.setattr("state.feed.GRACE_S", 0.0)
        yield
