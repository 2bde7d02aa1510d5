"""The small protocol that every source ends in.

A source is a frozen dataclass of settings, plain and hashable; `open()` turns it into a reader with two methods. The
settings' fields are made with `setting(...)`, which holds what the sidebar's form and the link need to know of each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, Protocol, runtime_checkable

from sources.batch import Batch


@dataclass(frozen=True, slots=True)
class Package:
    """What a source imports beyond what every installation has.

    module   as it is imported
    install  as `pip install` wants it
    """

    module: str
    install: str


class Reader(Protocol):
    """An opened source. One thread polls it; any thread may close it."""

    def poll(self, timeout_s: float) -> Batch:
        """What is ready now, oldest first; a batch of no rows if nothing came within `timeout_s` seconds.

        Never blocks past the timeout; returns at once with no rows when closed from another thread.

        Raises EndOfStream when a finite source is done, Unreachable while the counterpart is away (poll again: it resumes
        where it stopped), Mendable when only the user can help.
        """
        ...

    def close(self) -> None:
        """Let go of everything. Safe to call twice and from another thread."""
        ...


class Source(Protocol):
    """Settings of one feed. Equal settings are the same feed; hashable, so that viewers can share it."""

    kind: ClassVar[str]
    """Its name in the link, such as 'kafka'."""
    title: ClassVar[str]
    """Its name on the page."""
    icon: ClassVar[str]
    """A Material symbol, such as ':material/stream:'."""
    subject: ClassVar[str]
    """The setting that says which of what it has is watched, such as `topic`; "" where there is but one."""
    packages: ClassVar[tuple[Package, ...]]
    """What must be installed before it can be opened."""

    def open(self) -> Reader:
        """Connect. Raises a SourceError within about 10 seconds if that can't be done."""
        ...


@runtime_checkable
class Listing(Protocol):
    """A source that knows what there is to choose its `subject` from."""

    @classmethod
    def subjects(cls, arguments: Mapping[str, Any]) -> Sequence[str]:
        """What the counterpart offers, sorted.

        arguments  where to connect to: the connection's `properties`, or the address that was typed, by its setting's name

        Raises a SourceError, as opening would, within about 10 seconds.
        """
        ...


@runtime_checkable
class Inviting(Protocol):
    """A source to which anybody may send, who must be told how."""

    @property
    def invitation(self) -> str:
        """Commands for a shell that send it events, a line each."""
        ...


def setting(  # noqa: PLR0913 - one keyword each for what a form needs to know
    default: Any,
    help: str,  # noqa: A002 - the form's own word for it
    *,
    label: str = "",
    choices: tuple[str, ...] = (),
    lines: int = 1,
    minimum: float | None = None,
    maximum: float | None = None,
    secret: bool = False,
    form: bool = True,
) -> Any:
    """Make a settings field: its default, its help text, and how the form and the link may treat it.

    choices  suggestions; a form may let the user type another value, and the dataclass checks it
    lines    more than one where the text is long, such as a query
    secret   never shown, linked, logged or part of `repr`
    form     False where the value comes from elsewhere, such as a named connection
    """
    metadata = {
        "help": help,
        "label": label,
        "choices": choices,
        "lines": lines,
        "minimum": minimum,
        "maximum": maximum,
        "secret": secret,
        "form": form and not secret,
    }
    return field(default=default, metadata=metadata, repr=not secret)


def form_fields(source: type[Source] | Source) -> tuple[Field[Any], ...]:
    """The settings a person may type or put in a link, in the order of the form."""
    return tuple(each for each in fields(source) if each.metadata.get("form"))  # type: ignore[arg-type]
