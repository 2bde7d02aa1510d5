"""Errors that nobody foresaw, while one feed is read: how many in a row, and whether it was given up at them."""

from state.crash import kind_of

MOST = 5
"""So many in a row are tried through; one more, and what reads the feed must be made anew."""


class Stumbles:
    """Counted by the feed's thread, read by any.

    >>> stumbles = Stumbles("Kafka")
    >>> stumbles.add(KeyError("a value"))
    >>> stumbles.words, stumbles.count, stumbles.too_many
    ('Reading Kafka failed at what nobody had foreseen (KeyError)', 1, False)
    """

    def __init__(self, title: str) -> None:
        """`title` is the source's."""
        self.count = 0
        self.words = ""
        """What to say of the newest."""
        self._title = title
        self.gave_up = False
        """Whether the feed has stopped at them."""

    def add(self, error: Exception) -> None:
        """One more."""
        self.count += 1
        self.words = f"Reading {self._title} failed at what nobody had foreseen ({kind_of(error)})"

    def clear(self) -> None:
        """A read went well."""
        self.count = 0

    @property
    def too_many(self) -> bool:
        """Whether to give up."""
        return self.count > MOST
