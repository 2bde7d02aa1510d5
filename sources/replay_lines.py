"""From a stream of bytes to messages: lines, or the records of CSV. None is read whole."""

import codecs
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
        return too_long(number, text if dropped is None else dropped, longest)
    return Line(number, text.removesuffix(b"\r"))


def too_long(number: int, text: bytes, longest: int) -> Line:
    """What stands for a message that is."""
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
