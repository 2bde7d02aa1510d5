"""From what a person typed, or a link holds, to a source's settings object, and back to text."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass
from types import MappingProxyType
from typing import Any, get_type_hints

from sources.connections import ADDRESSES
from sources.errors import BadSettings
from sources.packages import install_command
from sources.protocol import Source, form_fields

Setting = str | int | float | bool

EXACT = 2**53 - 1
"""The largest whole number that a browser's number field holds."""

SHOWN = 40
"""How many characters of a refused value are repeated to the user."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A setting that could not be used: its name, and what was given, what is allowed and what is used instead."""

    setting: str
    message: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A source that was chosen but can't be opened yet, such as Kafka without a topic.

    kind      the settings class
    settings  what is known so far, by name, defaults left out
    problem   what is missing, and beside which control to say so
    """

    kind: type[Source]
    settings: tuple[tuple[str, Setting], ...]
    problem: Complaint


def quoted(text: str) -> str:
    """`text` in quotes for a message, cut to SHOWN characters.

    >>> quoted("pumps")
    "'pumps'"
    """
    return repr(text) if len(text) <= SHOWN else f"{text[:SHOWN]!r}…"


def setting_type(kind: type[Source], field: Field[Any]) -> type[Setting]:
    """`str`, `int`, `float` or `bool`: what the form and the link can hold. Raises TypeError for any other field."""
    hint = get_type_hints(kind)[field.name]
    if hint not in (str, int, float, bool):
        raise TypeError(f"{kind.__name__}.{field.name}: a form knows str, int, float and bool, not {hint!r}")
    return hint  # type: ignore[no-any-return]


def parse_setting(kind: type[Source], field: Field[Any], text: str) -> Setting:
    """What `text` means for that field. Raises ValueError, saying what is allowed."""
    wanted = setting_type(kind, field)
    if wanted is str:
        return text
    if wanted is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError("true or false")
        return text.lower() == "true"
    low, high = field.metadata["minimum"], field.metadata["maximum"]
    allowed = "a whole number" if wanted is int else "a number"
    allowed += f" from {low:,}" if low is not None else ""
    allowed += f" up to {high:,}" if high is not None else ""
    edge = EXACT if wanted is int else sys.float_info.max
    try:
        number = int(text) if wanted is int else float(text)
    except ValueError:
        raise ValueError(allowed) from None
    if not (-edge if low is None else low) <= number <= (edge if high is None else high):
        raise ValueError(allowed)
    return number


def make_source(
    kind: type[Source],
    given: Mapping[str, Setting],
    last_good: Mapping[str, Setting] = MappingProxyType({}),
    complete: Callable[[Mapping[str, Setting]], Mapping[str, Any]] = lambda known: known,
) -> tuple[Source | Unfinished, list[Complaint]]:
    """Make the source; a setting it refuses falls back to its last good value, then to its default, with a complaint.

    A source whose packages are not installed is Unfinished.

    complete  may add what no person types, such as a connection's properties, and refuse with BadSettings likewise
    """
    defaults = {field.name: field.default for field in form_fields(kind)}
    known = {name: value for name, value in given.items() if value != defaults[name]}
    spare = {name: value for name, value in last_good.items() if value != given.get(name, defaults[name])}
    complaints: list[Complaint] = []
    if lacking := install_command(kind):
        problem = Complaint("source", f"{kind.title} needs what is not installed here: {lacking}")
        return Unfinished(kind, tuple(sorted(known.items())), problem), complaints
    while True:
        try:
            return kind(**complete(known)), complaints
        except BadSettings as problem:
            name, complaint = problem.setting, Complaint(problem.setting, str(problem))
            if name in spare:
                known[name] = spare.pop(name)
            elif name in known:
                del known[name]
            else:
                if name == "connection":  # it is only missed because the address was refused: that is what to mend
                    complaint = next((each for each in complaints if each.setting in ADDRESSES), complaint)
                return Unfinished(kind, tuple(sorted(known.items())), complaint), complaints
            complaints.append(complaint)


def known_settings(source: Source | Unfinished) -> dict[str, Setting]:
    """The settings of the form that differ from their defaults, by name. Never a secret."""
    if isinstance(source, Unfinished):
        return dict(source.settings)
    values = {field.name: (getattr(source, field.name), field.default) for field in form_fields(source)}
    return {name: value for name, (value, default) in values.items() if value != default}


def settings_in_link(source: Source | Unfinished) -> dict[str, str]:
    """What `known_settings` gives, as text."""
    return {name: setting_text(value) for name, value in known_settings(source).items()}


def kind_of(source: Source | Unfinished) -> type[Source]:
    """The settings class, finished or not."""
    return source.kind if isinstance(source, Unfinished) else type(source)


def setting_text(value: Setting) -> str:
    """What `parse_setting` reads back as `value`.

    >>> setting_text(True), setting_text(0.1), setting_text("latest")
    ('true', '0.1', 'latest')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def subject(source: Source) -> str:
    """Which of what its source has is watched, as its maker named it, else its connection's name; "" where there is but one.

    >>> from sources.replay import Replay
    >>> subject(Replay(recording="demo"))
    'demo'
    """
    name = getattr(source, source.subject, "") or getattr(source, "connection", "")
    return " ".join(str(name).split())
