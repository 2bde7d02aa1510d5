"""From a large JSON text to the values in it, one by one: a list's members, or values that follow each other."""

import re
from collections.abc import Iterator

from sources.batch import SAMPLE_BYTES
from sources.replay_lines import BLOCK, LONGEST, Line, Read, too_long

_MARKS = re.compile(rb'[\\"{}\[\],\n]')


def json_values(read: Read, longest: int = LONGEST) -> Iterator[Line]:
    """The members of a JSON list, or JSON values that follow each other, over as many lines as they like."""
    scan = _Scan(longest)
    while block := read(BLOCK):
        yield from scan.block(block)
        if scan.is_too_long:
            yield Line(scan.line, b"", skipped=len(block))
    yield from scan.end()


class _Scan:
    """Where in a JSON text the scan stands: it looks at brackets, quotes and commas alone."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._depth = 0
        self._listed = False  # within the outer list
        self._string = self._escaped = False
        self._text: list[bytes] = []
        self._size = 0
        self.line = self._began = 1

    @property
    def is_too_long(self) -> bool:
        """Whether the value in which it stands is."""
        return self._size > self._longest

    def block(self, block: bytes) -> Iterator[Line]:  # noqa: C901, PLR0912 - a table of marks
        """The values that end in this block."""
        start = 0
        escaped = 0 if self._escaped else -1
        for match in _MARKS.finditer(block):
            at, mark = match.start(), match[0]
            if at == escaped and mark != b"\n":
                continue
            if mark == b"\n":
                self.line += 1
            elif mark == b"\\":
                escaped = at + 1
            elif mark == b'"':
                self._string = not self._string
            elif self._string:
                continue
            elif mark in b"{[":
                if mark == b"[" and not self._depth and not self._listed and not self._said(block[start:at]):
                    self._listed, start = True, at + 1
                    self._began = self.line
                else:
                    self._depth += 1
            elif mark != b",":
                if self._depth:
                    self._depth -= 1
                    if not self._depth and not self._listed:
                        self._keep(block[start : at + 1])
                        start = at + 1
                        yield from self._value()
                else:  # the outer list ends
                    self._keep(block[start:at])
                    start = at + 1
                    self._listed = False
                    yield from self._value()
            elif not self._depth:
                self._keep(block[start:at])
                start = at + 1
                yield from self._value()
        self._escaped = escaped == len(block)
        self._keep(block[start:])

    def end(self) -> Iterator[Line]:
        """What is left when the text ends within a value."""
        rest = b"".join(self._text).strip()
        if rest or self._listed or self._depth:
            yield Line(self._began, rest[:SAMPLE_BYTES], "the JSON text is cut short here")

    def _said(self, text: bytes) -> bool:
        """Whether anything but blanks stands before."""
        return bool(text.strip()) or any(each.strip() for each in self._text)

    def _keep(self, text: bytes) -> None:
        self._size += len(text)
        if text and (self._size <= self._longest or not self._text):
            self._text.append(text if self._size <= self._longest else text[:SAMPLE_BYTES])

    def _value(self) -> Iterator[Line]:
        text, size, began = b"".join(self._text), self._size, self._began
        self._text, self._size, self._began = [], 0, self.line
        began += text[: len(text) - len(text.lstrip())].count(b"\n")
        if size > self._longest:
            yield too_long(began, text.strip(), self._longest)
        elif text.strip():
            yield Line(began, text.strip())
