"""From a stream of bytes to messages: lines, CSV's records, or the values of one large JSON text. None is read whole."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sources.batch import SAMPLE_BYTES

BLOCK = 256 * 1024
LONGEST = 1024 * 1024
"""A message of more bytes is malformed, and never in memory as a whole."""
RECORD_LINES = 100
"""A CSV record whose quotes are not closed within so many lines has one quote too many."""

Read = Callable[[int], bytes]
"""At most so many bytes of a stream, none at its end."""

_MARKS = re.compile(rb'[\\"{}\[\],\n]')
_UTF32, _UTF16, _UTF8 = (
    (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    codecs.BOM_UTF8,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A message: the line of the file where it begins, its bytes, and why it is none where it is too long or cut short.

    skipped  it is no message, but so many bytes of one that is too long were passed over: whoever reads may look up meanwhile
    """

    number: int
    text: bytes
    refused: str = ""
    skipped: int = 0


def as_utf8(head: bytes, read: Read) -> Read:
    r"""The stream as UTF-8 without a byte order mark, where it begins with the mark of another Unicode encoding.

    head  what was read of it already
    """
    rest = iter((head,)) if head else iter(())

    def whole(size: int) -> bytes:
        return next(rest, b"") or read(size)

    name = "utf-32" if head.startswith(_UTF32) else "utf-16" if head.startswith(_UTF16) else ""
    if not name:
        if head.startswith(_UTF8):
            rest = iter((head[len(_UTF8) :],)) if head[len(_UTF8) :] else iter(())
        return whole
    decoder = codecs.getincrementaldecoder(name)("replace")

    def recoded(size: int) -> bytes:
        while block := whole(size):
            text = decoder.decode(block)
            if text:
                return text.encode("utf-8", "replace")
        return decoder.decode(b"", final=True).encode("utf-8", "replace")

    return recoded


def lines(read: Read, longest: int = LONGEST) -> Iterator[Line]:
    r"""The lines of a stream, blank ones too, without what ends them.

    >>> import io
    >>> [line.text for line in lines(io.BytesIO(b"a\r\nb\n\nc").read)]
    [b'a', b'b', b'', b'c']
    """
    number, rest = 1, b""
    dropped: bytes | None = None
    while block := read(BLOCK):
        ended = (rest + block).split(b"\n")
        rest = ended.pop()
        for text in ended:
            yield _line(number, text, dropped, longest)
            dropped = None
            number += 1
        if dropped is not None or len(rest) > longest:
            dropped = rest[:SAMPLE_BYTES] if dropped is None else dropped
            rest = b""
            yield Line(number, b"", skipped=len(block))
    if rest or dropped is not None:
        yield _line(number, rest, dropped, longest)


def _line(number: int, text: bytes, dropped: bytes | None, longest: int) -> Line:
    if dropped is not None or len(text) > longest:
        return _too_long(number, text if dropped is None else dropped, longest)
    return Line(number, text.removesuffix(b"\r"))


def _too_long(number: int, text: bytes, longest: int) -> Line:
    return Line(number, text[:SAMPLE_BYTES], f"longer than {longest:,} bytes")


def records(found: Iterable[Line], longest: int = LONGEST) -> Iterator[Line]:
    r"""CSV's records: lines, joined where a quoted cell holds line breaks.

    >>> [line.text for line in records([Line(1, b'1,"a'), Line(2, b'b"'), Line(3, b"2,c")])]
    [b'1,"a\nb"', b'2,c']
    """
    held: list[Line] = []
    size = 0
    for line in found:
        if line.skipped:
            yield line
            continue
        if not line.refused and bool(held) == (line.text.count(b'"') % 2 == 0):  # it goes on, or begins one that does
            held.append(line)
            size += len(line.text)
            if len(held) <= RECORD_LINES and size <= longest:
                continue
            yield from held  # a quote too many in the first: each line by itself
        elif held and not line.refused:
            yield Line(held[0].number, b"\n".join([*(each.text for each in held), line.text]))
        else:
            yield from held
            yield line
        held, size = [], 0
    yield from held


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
            yield _too_long(began, text.strip(), self._longest)
        elif text.strip():
            yield Line(began, text.strip())
