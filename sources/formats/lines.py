"""Text formats alike: bytes to text, and text to its lines."""

BLANK = "\x00"
"""What some producers end a text with, as C does."""


def text_of(message: bytes) -> str:
    r"""The message as text, without a byte order mark and what is blank around it. Raises ValueError.

    >>> text_of(b" up 1\n")
    'up 1'
    """
    try:
        text = message.decode("utf-8-sig").strip().strip(BLANK)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text: {error.reason} at byte {error.start}") from None
    if not text:
        raise ValueError("empty")
    return text


def lines_of(message: bytes) -> list[str]:
    r"""The message's lines, without those that are blank. Raises ValueError.

    >>> lines_of(b"a 1\r\n\nb 2\n")
    ['a 1', 'b 2']
    """
    return [line for line in map(str.strip, text_of(message).split("\n")) if line]
