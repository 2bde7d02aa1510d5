"""Where an event's time falls in a ring of time buckets, what has left it, and what never got in."""

import numpy as np
import numpy.typing as npt

from state.frame import Ints

Selection = slice | npt.NDArray[np.bool_]

EVERYTHING = slice(None)


class Ring:
    """Tumbling time buckets that slide with the clock, as positions 0 … capacity - 1 that are used again and again.

    Bucket number b covers [b * bucket_us, (b + 1) * bucket_us) since the epoch, so bounds are round times, and stands at
    position b % capacity. The window is the newest `buckets` of them and ends with the one that holds now:

              late     |          window          |   headroom   |   early
        ───────────────┼────────────────────┬─────┼──────────────┼───────────
                     left                   right (holds now)   right + headroom

    Events ahead of the clock (the producer's runs fast) wait in the headroom, a quarter of the window, until the window
    reaches them. Before the first `advance` there is no window yet, so that every event is early.

    >>> ring = Ring(bucket_us=10, buckets=3)
    >>> ring.advance(45), ring.times_us
    (array([0, 1, 2, 3]), array([20, 30, 40]))
    >>> ring.place(np.array([19, 20, 49, 50, 60]))
    (array([2, 4, 5]), array([False,  True,  True,  True, False]))
    >>> ring.late, ring.early
    (1, 1)
    """

    def __init__(self, bucket_us: int, buckets: int) -> None:
        if bucket_us < 1 or buckets < 1:
            raise ValueError(f"a ring of {buckets} buckets of {bucket_us} µs: both must be at least 1")
        self.bucket_us = bucket_us
        self.buckets = buckets
        self.headroom = max(1, buckets // 4)
        self.capacity = buckets + self.headroom
        self.right = np.iinfo(np.int64).min // bucket_us + buckets
        self.late = 0
        self.early = 0

    @property
    def left(self) -> int:
        """Number of the window's oldest bucket."""
        return self.right - self.buckets + 1

    @property
    def times_us(self) -> Ints:
        """(buckets,) starts of the window's buckets, oldest first, µs since the epoch."""
        return np.arange(self.left, self.right + 1, dtype=np.int64) * self.bucket_us

    @property
    def positions(self) -> Ints:
        """(buckets,) where the window's buckets stand in the ring, oldest first."""
        return np.arange(self.left, self.right + 1, dtype=np.int64) % self.capacity

    def advance(self, now_us: int) -> Ints:
        """Move the right edge to the bucket that holds `now_us`, never backwards; the positions that must be cleared."""
        left, self.right = self.left, max(self.right, int(now_us) // self.bucket_us)
        passed = min(self.left - left, self.capacity)
        return np.arange(left, left + passed, dtype=np.int64) % self.capacity

    def too_early(self, time_us: Ints) -> npt.NDArray[np.bool_]:
        """(n,) whether an event of that time is too far ahead of the clock to be held."""
        return np.asarray(time_us // self.bucket_us > self.right + self.headroom)

    def place(self, time_us: Ints, weight: Ints | None = None) -> tuple[Ints, Selection]:
        """Bucket numbers of the events that the ring can hold, and which events those are; counts the others.

        weight  how many events each row stands for; one if not given
        """
        bucket = time_us // self.bucket_us
        newest = self.right + self.headroom
        if not len(bucket) or (bucket.min() >= self.left and bucket.max() <= newest):
            return bucket, EVERYTHING
        late, early = bucket < self.left, bucket > newest
        self.late += int(late.sum() if weight is None else weight[late].sum())
        self.early += int(early.sum() if weight is None else weight[early].sum())
        held = ~(late | early)
        return bucket[held], held
