"""From the body of a post to its messages."""

import zlib

LINES = frozenset(
    {
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/json-lines",
    }
)
"""Content types that say that each line is a message."""


def messages_of(body: bytes, content_type: str) -> tuple[bytes, ...]:
    r"""The messages in a body, none of them blank.

    A body is one message, which its format may read many events from, such as a CSV table or a Prometheus scrape. Each line
    is a message of its own where the content type says so (JSON lines, or `text/plain` of no version, as a log's lines are
    sent) or each line is a JSON object.

    >>> messages_of(b'{"a": 1}\n{"a": 2}\n', "application/x-www-form-urlencoded")
    (b'{"a": 1}', b'{"a": 2}')
    >>> messages_of(b'{\n"a": 1\n}', ""), messages_of(b"a,b\n1,2", "text/csv")
    ((b'{\n"a": 1\n}',), (b'a,b\n1,2',))
    >>> messages_of(b"up\r\n\ndown\n", "text/plain; charset=utf-8")
    (b'up', b'down')
    """
    kind, _, parameters = content_type.lower().partition(";")
    # A Prometheus scrape names its version; its comments belong to the lines below them.
    by_line = kind.strip() in LINES or (kind.strip() == "text/plain" and "version" not in parameters)
    if b"\n" in body:
        lines = [line for line in map(bytes.strip, body.split(b"\n")) if line]
        if by_line or all(line.startswith(b"{") and line.endswith(b"}") for line in lines):
            return tuple(lines)
    return (body,) if body.strip() else ()


def gunzipped(body: bytes, most: int) -> bytes | None:
    """What was compressed; None where that is more than `most` bytes. Raises ValueError where it is no gzip."""
    opened = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = opened.decompress(body, most + 1)
    except zlib.error:
        raise ValueError("not gzip") from None
    if len(plain) > most:
        return None
    if not opened.eof or opened.unused_data:
        raise ValueError("not one whole gzip")
    return plain
