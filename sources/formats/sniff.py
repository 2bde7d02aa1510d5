"""Finding out how messages are written, by looking at them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sources.errors import SourceError
from sources.formats.every import LAST_RESORT
from sources.formats.format import Format, Rows

NEAR = 0.8
"""A format that is a special case of another is chosen if it reads so large a part of what that one does."""

STRUCTURED = 0.5
"""Text is the last resort: not while another format reads so large a part of the messages."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A format, what reads its messages, and how many of those looked at it reads."""

    format: Format
    rows: Rows
    read: int


def sniff(messages: Sequence[bytes], candidates: Iterable[Format]) -> Finding | None:
    """The format that reads most of the messages: of several, the one that stands first; None if none reads any.

    Raises the SourceError of a candidate that could not be weighed, unless another reads enough of them anyway.
    """
    found: dict[str, Finding] = {}
    unweighed: SourceError | None = None
    for candidate in candidates:
        try:
            finding = weigh(messages, candidate)
        except SourceError as error:
            unweighed = unweighed or error
            continue
        if finding is not None:
            found[candidate.name] = finding
            if finding.read == len(messages):
                break  # nothing that stands behind it can do better
    last = found.pop(LAST_RESORT.name, None)
    best, score = None, 0
    for each in found.values():
        broader = found.get(each.format.broader)
        reads = max(each.read, broader.read) if broader and each.read >= NEAR * broader.read else each.read
        if reads > score:
            best, score = each, reads
    if best and best.read >= STRUCTURED * len(messages):
        return best
    if unweighed is not None:
        raise unweighed
    return max((each for each in (best, last) if each), key=lambda each: each.read, default=None)


def weigh(messages: Sequence[bytes], candidate: Format) -> Finding | None:
    """How well the format reads the messages; None if it reads none, or they are unlikely to be meant so."""
    try:
        rows = candidate.learn(messages) if candidate.learn else candidate.rows
    except ValueError:
        return None
    read = [message for message in messages if _reads(rows, message)]
    return Finding(candidate, rows, len(read)) if read and candidate.fits(read) else None


def _reads(rows: Rows, message: bytes) -> bool:
    try:
        rows(message)
    except SourceError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the message is not read
        return False
    return True
