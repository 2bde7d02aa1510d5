"""What can go wrong between a feed and the board, as one small tree.

    SourceError
    ├── Mendable            the user can mend it: trying again changes nothing
    │   ├── BadSettings     a setting is missing or makes no sense; names the setting
    │   ├── AuthFailed      the counterpart answered and refused who we are
    │   └── NotFound        the counterpart answered and has no such topic, table, URL …
    └── Unreachable         time may mend it: the feed tries again with backoff

    EndOfStream             not an error: a finite source has given its last event

Every message says what was tried, what happened and what to do next, and never holds a secret.
"""

SAID_CHARS = 200


def one_line(text: str) -> str:
    r"""A counterpart's own words as a message may repeat them: printable, on one line, and short.

    >>> one_line("no such\n\x1b user ")
    'no such user'
    """
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= SAID_CHARS else line[:SAID_CHARS] + " …"


class SourceError(Exception):
    """A source could not be opened or read."""


class Mendable(SourceError):
    """Stays wrong until the user changes something."""


class BadSettings(Mendable):
    """A setting is missing or out of range.

    `setting` is the field's name, so that the message can stand beside its control.
    """

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(message)
        self.setting = setting


class AuthFailed(Mendable):
    """The counterpart refused the credentials, the certificate or the permission."""


class NotFound(Mendable):
    """The counterpart is there, but what was asked for is not."""


class Unreachable(SourceError):
    """The counterpart did not answer. The same reader may be polled again and resumes where it stopped."""


class EndOfStream(Exception):
    """A finite source has given its last event."""
