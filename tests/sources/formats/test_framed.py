"""Framed messages, as Confluent's own serializers write them, are the rows that were written; anything else is refused."""

from collections.abc import Iterator

import pytest

from sources.decode import Decoder
from sources.errors import BadSettings, Unreachable
from sources.formats.format import Format
from sources.formats.framed import framed_formats
from sources.registry import Registry
from tests.kafka import messages
from tests.kafka.registry import SchemaRegistry

ROW = {"n": 2**53 + 1, "ms": 12.5, "site": "north"}
KINDS = ("avro", "protobuf", "jsonschema")


@pytest.fixture
def served() -> Iterator[SchemaRegistry]:
    with SchemaRegistry.start() as running:
        yield running


def formats(url: str = "") -> dict[str, Format]:
    registry = Registry({"schema_registry_url": url} if url else {})
    return {each.name: each for each in framed_formats(registry)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_the_row_that_was_written(served: SchemaRegistry, kind: str) -> None:
    message = messages.writers(served.url)[kind](ROW)
    assert formats(served.url)[kind].rows(message) == [ROW]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_only_one_format_reads_a_message(served: SchemaRegistry, kind: str, other: str) -> None:
    message = messages.writers(served.url)[kind](ROW)
    if kind != other:
        with pytest.raises(ValueError, match=r"its schema, number 1, is|its payload is JSON|not JSON, of schema 1"):
            formats(served.url)[other].rows(message)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("message", [b"", b"\0", b"\0\0\0\0\0", b"\0\xff\xff\xff\xff{}", b'{"n": 1}', b"\1\0\0\0\1{}"])
def test_a_message_without_a_frame_is_refused_and_nothing_asked(
    served: SchemaRegistry, kind: str, message: bytes
) -> None:
    with pytest.raises(ValueError, match="not framed"):
        formats(served.url)[kind].rows(message)
    assert not served.asked


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_is_not_known_is_the_messages_fault(served: SchemaRegistry, kind: str) -> None:
    with pytest.raises(ValueError, match="has no /schemas/ids/7"):
        formats(served.url)[kind].rows(b"\0\0\0\0\0072")


@pytest.mark.parametrize("kind", KINDS)
def test_a_payload_that_is_empty_or_cut_short_is_refused(served: SchemaRegistry, kind: str) -> None:
    message = messages.writers(served.url)[kind](ROW)
    read = formats(served.url)[kind].rows
    for end in (5, 6, len(message) - 3):
        with pytest.raises(ValueError, match=r"number|schema"):
            read(message[:end])


@pytest.mark.parametrize("kind", ["avro", "protobuf"])
def test_without_a_registry_it_is_said_what_to_add(kind: str) -> None:
    with pytest.raises(BadSettings, match="add schema_registry_url to the connection"):
        formats()[kind].rows(b"\0\0\0\0\7\2")


def test_a_json_object_needs_no_registry() -> None:
    message = b'\0\0\0\0\7{"n": 1}'
    assert formats()["jsonschema"].rows(message) == [{"n": 1}]
    for other in ("avro", "protobuf"):
        with pytest.raises(ValueError, match="its payload is JSON"):
            formats()[other].rows(message)


@pytest.mark.parametrize("payload", [b"5", b'"on"', b"[1]", b"null", b"\2", b""])
def test_what_is_no_object_is_malformed_where_no_registry_is_named(payload: bytes) -> None:
    with pytest.raises(ValueError, match="schema 7"):
        formats()["jsonschema"].rows(b"\0\0\0\0\7" + payload)


@pytest.mark.parametrize("payload", [b"5", b"\2"])
def test_an_odd_payload_among_objects_does_not_ask_for_a_registry(payload: bytes) -> None:
    decoder = Decoder(more=tuple(formats().values()))
    for _ in range(20):
        decoded = decoder.decode([b'\0\0\0\0\7{"n": 1}', b"\0\0\0\0\7" + payload, b'\0\0\0\0\7{"n": 3}'])
        assert decoded.columns["n"].to_pylist() == [1, 3]
        assert decoded.malformed == 1


def test_what_is_not_json_costs_no_question_whether_it_is(served: SchemaRegistry) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        formats(served.url)["jsonschema"].rows(b"\0\0\0\0\7\2")
    assert not served.asked


def test_an_avro_message_may_begin_as_an_object_does(served: SchemaRegistry) -> None:
    row = ROW | {"n": -62}
    message = messages.avro(served.url)(row)
    assert message[5:6] == b"{"
    assert formats(served.url)["avro"].rows(message) == [row]


def test_a_bare_number_is_json_where_the_registry_says_so(served: SchemaRegistry) -> None:
    write = messages.json_schema(served.url, '{"title": "n", "type": "number"}')
    assert formats(served.url)["jsonschema"].rows(write(12.5)) == [{"value": 12.5}]  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["avro", "protobuf"])
def test_while_the_registry_is_away_the_message_is_not_to_blame(served: SchemaRegistry, kind: str) -> None:
    message = messages.writers(served.url)[kind](ROW)
    read = formats(served.url)[kind].rows
    served.stop()
    with pytest.raises(Unreachable):
        read(message)
    served.run()
    assert read(message) == [ROW]
    served.stop()
    assert read(message) == [ROW]


def test_a_schema_of_another_kind_is_named(served: SchemaRegistry) -> None:
    number = served.register("x", {"schema": "x", "schemaType": "XML"})
    with pytest.raises(ValueError, match="is XML, not Avro"):
        formats(served.url)["avro"].rows(b"\0\0\0\0" + bytes([number]) + b"\2")


@pytest.mark.parametrize(
    ("kind", "schema"), [("AVRO", '{"type": "recor'), ("AVRO", '"a.B"'), ("PROTOBUF", "message A {}")]
)
def test_a_schema_that_cannot_be_used_is_tried_once(
    served: SchemaRegistry, kind: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = served.register("x", {"schema": schema, "schemaType": kind})
    read = formats(served.url)[kind.lower()].rows
    for _ in range(3):
        with pytest.raises(ValueError, match="number 1, can't be used"):
            read(b"\0\0\0\0" + bytes([number]) + b"\0\2")
    assert served.asked["/schemas/ids/1"] == 1
