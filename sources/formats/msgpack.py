"""MessagePack: one map, or a list of maps, in each message."""

from typing import Any

from sources.formats.format import Document, Format
from sources.formats.plain import plain


def rows(message: bytes) -> list[Document]:
    r"""See Rows. Timestamps are datetimes; bytes are text, or hexadecimal where they are none.

    >>> rows(b"\x82\xa2ms\x0c\xa2id\xc4\x02\xff\x00")
    [{'ms': 12, 'id': 'ff00'}]
    """
    value = _parse(message)
    maps = value if type(value) is list else [value]
    if not all(type(each) is dict for each in maps):
        raise ValueError("not a map of MessagePack, nor a list of maps")
    try:
        return [plain(each) for each in maps]
    except RecursionError:
        raise ValueError("maps or lists nested too deeply") from None


def _parse(message: bytes) -> Any:
    import msgpack  # noqa: PLC0415 - few feeds need it

    try:
        return msgpack.unpackb(message, timestamp=3, strict_map_key=False, ext_hook=_extension)
    except Exception as error:  # noqa: BLE001 - each wrong byte raises its own, not all of them ValueErrors
        raise ValueError(f"not MessagePack: {error or type(error).__name__}") from None


def _extension(_: int, data: bytes) -> str:
    return data.hex()


FORMAT = Format("msgpack", "MessagePack", rows)
