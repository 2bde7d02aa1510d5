"""What a recording says of itself: a small JSON text in the Parquet file's own metadata, and never a secret."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

from sources.batch import MOST_NOTES, NOTE_CHARS, TIME, Note
from sources.errors import BadSettings

VERSION = 1
"""Of the format. A reader takes what is as old as itself or older."""
KEY = b"pulseboard"
"""Where it stands in the file's metadata."""

MOST_BYTES = 16_000_000
"""Nearly all of it names of fields, where thousands have changed their type."""
MOST_CHARS = 4_000
"""Of one text."""
MOST_PARAMETERS = 200
_FARTHEST_US = 2**62
_MOST_EVENTS = 2**53

Exact = dict[str, str]
"""Columns that hold the exact values of a field whose type has changed: the column's name → the field's. See `recording_columns`."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a recording as a whole.

    made_us             when it was written, microseconds since the epoch
    source              the kind of source it was recorded from, such as 'kafka'
    title               that source's name on the page
    link                the board's query parameters, as `state.link.write_link` gives them: name → texts
    format, format_why  how the messages were read; "" where the source gives none
    time_field          which field the event time was read from, "" for arrival; and what told
    events              how many there are
    from_us, to_us      the oldest and the newest event time; both 0 where there is no event
    notes               what was written beside instants of the feed
    version             of the format
    """

    made_us: int
    source: str
    title: str = ""
    link: Mapping[str, list[str]] | None = None
    format: str = ""
    format_why: str = ""
    time_field: str = ""
    time_why: str = ""
    events: int = 0
    from_us: int = 0
    to_us: int = 0
    notes: tuple[Note, ...] = ()
    version: int = VERSION


def header_json(header: Header, exact: Exact) -> bytes:
    """The text that `read_json` reads back. What is too long for it is cut: it must not make the events unreadable."""
    texts = {each.name: getattr(header, each.name)[:MOST_CHARS] for each in fields(header) if each.type is str}
    link = {
        name: [value for value in values if len(value) <= MOST_CHARS][:MOST_PARAMETERS]
        for name, values in list((header.link or {}).items())[:MOST_PARAMETERS]
    }
    notes = [
        {"at_us": note.at_us, "text": note.text[:NOTE_CHARS]} for note in header.notes[:MOST_NOTES] if note.text.strip()
    ]
    return orjson.dumps({**asdict(header), **texts, "link": link, "notes": notes, "exact": exact})


def read_json(text: bytes, name: str) -> tuple[Header, Exact]:
    """The header, whoever wrote it, and which columns are exact. Raises BadSettings for what is none, or is too new.

    name  the recording's, for the message
    """
    try:
        return _checked(text, name)
    except (ValueError, RecursionError) as error:
        raise BadSettings(
            "recording", f"{name} can't be used: what it says of itself makes no sense ({error}): record it again"
        ) from None


def _checked(text: bytes, name: str) -> tuple[Header, Exact]:
    if len(text) > MOST_BYTES:
        raise ValueError(f"it is {len(text):,} bytes long, of {MOST_BYTES:,} at most")
    given = orjson.loads(text)
    if type(given) is not dict:
        raise ValueError("it is no JSON object")
    version = _number(given, "version", 1, _MOST_EVENTS)
    if version > VERSION:
        raise BadSettings(
            "recording",
            f"{name} was written by a newer Pulseboard (format {version}; this one reads up to {VERSION}): update it",
        )
    texts = {each.name: _text(given, each.name) for each in fields(Header) if each.type is str}
    header = Header(
        **texts,
        version=version,
        made_us=_number(given, "made_us", -_FARTHEST_US, _FARTHEST_US),
        link=_link(given.get("link", {})),
        events=_number(given, "events", 0, _MOST_EVENTS),
        from_us=_number(given, "from_us", -_FARTHEST_US, _FARTHEST_US),
        to_us=_number(given, "to_us", -_FARTHEST_US, _FARTHEST_US),
        notes=_notes(given.get("notes", [])),
    )
    if header.from_us > header.to_us:
        raise ValueError("'from_us' comes after 'to_us'")
    exact = given.get("exact", {})
    if type(exact) is not dict or not all(type(field) is str for field in exact.values()):
        raise ValueError("'exact' is no table of names")
    if TIME in exact or TIME in exact.values():
        raise ValueError("'exact' names the event time, which has one type")
    return header, exact


def _number(given: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = given.get(name)
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name!r} is no whole number in its bounds")
    return value


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if type(value) is not str or len(value) > MOST_CHARS:
        raise ValueError(f"{name!r} is no text of {MOST_CHARS:,} characters at most")
    return value


def _link(link: Any) -> dict[str, list[str]]:
    if type(link) is not dict or len(link) > MOST_PARAMETERS:
        raise ValueError(f"'link' is no table of {MOST_PARAMETERS} parameters at most")
    for values in link.values():
        if type(values) is not list or len(values) > MOST_PARAMETERS:
            raise ValueError("'link' holds what is no list of texts")
        if not all(type(value) is str and len(value) <= MOST_CHARS for value in values):
            raise ValueError("'link' holds what is no text, or too long a one")
    return link


def _notes(notes: Any) -> tuple[Note, ...]:
    if type(notes) is not list or len(notes) > MOST_NOTES or not all(type(note) is dict for note in notes):
        raise ValueError(f"'notes' is no list of {MOST_NOTES} notes at most")
    read = [Note(_number(note, "at_us", -_FARTHEST_US, _FARTHEST_US), _text(note, "text")) for note in notes]
    if any(not note.text.strip() or len(note.text) > NOTE_CHARS for note in read):
        raise ValueError(f"a note is empty, or longer than {NOTE_CHARS} characters")
    return tuple(read)
