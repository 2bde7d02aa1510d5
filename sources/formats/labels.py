"""Rows of one measurement each: what stands beside a value to tell its series from others."""

from collections.abc import Iterable, Mapping
from typing import Any

from sources.formats.format import Document

MEASUREMENT = ("metric", "type", "value", "time")
"""What such a row's own fields are called, in every format that has them."""


def with_labels(row: Document, labels: Mapping[str, Any], own: Iterable[str] = MEASUREMENT) -> Document:
    """The row and its labels by their names; one that is named as the row's own fields are stands under `label.`.

    >>> with_labels({"metric": "up", "value": 1}, {"job": "api", "type": "blue"})
    {'metric': 'up', 'value': 1, 'job': 'api', 'label.type': 'blue'}
    """
    taken = {*row, *own}
    return row | {f"label.{name}" if name in taken else name: value for name, value in labels.items()}
