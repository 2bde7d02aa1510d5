"""A registry is asked once for each schema, within bounds, and its refusals name their cause and no secret."""

import socket
import time
from collections.abc import Iterator

import pytest

from sources import registry as module
from sources import registry_http
from sources.decode import Decoder
from sources.errors import AuthFailed, BadSettings, SourceError, Unreachable
from sources.formats.framed import framed_formats
from sources.registry import Registry
from tests.kafka.registry import SchemaRegistry

LOGIN = "alice:s3cret-pass"
LONG = {"schema": '"long"'}


@pytest.fixture
def served() -> Iterator[SchemaRegistry]:
    with SchemaRegistry.start() as running:
        yield running


def client(registry: SchemaRegistry, **properties: str) -> Registry:
    return Registry({"schema_registry_url": registry.url, **properties})


def refusal(registry: Registry, number: int = 1) -> SourceError:
    with pytest.raises(SourceError) as caught:
        registry.schema(number)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


def test_a_schema_is_asked_for_once(served: SchemaRegistry) -> None:
    number = served.register("a", LONG)
    registry = client(served)
    assert {registry.schema(number) for _ in range(100)} == {module.Schema("AVRO", '"long"')}
    assert served.asked == {f"/schemas/ids/{number}": 1}


def test_the_schemas_remembered_are_bounded(served: SchemaRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCHEMAS", 2)
    registry = client(served)
    for each in range(4):
        registry.schema(served.register("a", {"schema": f'{{"type": "fixed", "name": "f", "size": {each}}}'}))
    registry.schema(1)
    assert served.asked["/schemas/ids/1"] == 2


def test_protobuf_is_asked_for_serialized(served: SchemaRegistry) -> None:
    number = served.register("p", {"schema": "CgVhLmJjZA==", "schemaType": "PROTOBUF"})
    assert client(served).schema(number).text == "CgVhLmJjZA=="


def test_what_a_schema_refers_to_comes_before_it_each_once(served: SchemaRegistry) -> None:
    def reference(name: str) -> dict[str, object]:
        return {"name": name, "subject": f"sub/{name}", "version": 1}

    served.register("sub/base", {"schema": "base"})
    for name in ("left", "right"):
        served.register(f"sub/{name}", {"schema": name, "references": [reference("base")]})
    number = served.register("top", {"schema": "top", "references": [reference("left"), reference("right")]})
    assert client(served).schema(number).references == (("base", "base"), ("left", "left"), ("right", "right"))
    assert set(served.asked.values()) == {1}


def test_schemas_that_refer_to_each_other_come_to_an_end(served: SchemaRegistry) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        served.register(name, {"schema": name, "references": [{"name": other, "subject": other, "version": 1}]})
    assert {name for name, _ in client(served).schema(1).references} == {"a", "b"}


def test_references_without_end_are_refused(served: SchemaRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFERENCES", 3)
    for each in range(5):
        following = [{"name": f"s{each + 1}", "subject": f"s{each + 1}", "version": 1}]
        served.register(f"s{each}", {"schema": f"{each}", "references": following})
    with pytest.raises(ValueError, match="more than 3"):
        client(served).schema(1)


def test_a_number_that_is_not_known_is_asked_for_again_after_a_while(
    served: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = client(served)
    for _ in range(10):
        with pytest.raises(ValueError, match="has no /schemas/ids/1"):
            registry.schema(1)
    assert served.asked == {"/schemas/ids/1": 1}
    served.register("a", LONG)
    later = time.monotonic() + module.MISSING_S
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    assert registry.schema(1).text == '"long"'


def test_no_registry_in_the_connection_says_what_to_add() -> None:
    error = refusal(Registry({}))
    assert isinstance(error, BadSettings)
    assert error.setting == "connection"
    assert "add schema_registry_url" in str(error)


@pytest.mark.parametrize(
    ("login", "properties"),
    [(LOGIN, {"basic_auth_user_info": LOGIN}), ("t0ken", {"bearer_auth_token": "t0ken"})],
)
def test_a_login_is_taken(login: str, properties: dict[str, str]) -> None:
    with SchemaRegistry.start(login) as served:
        number = served.register("a", LONG)
        assert client(served, **properties).schema(number).kind == "AVRO"


@pytest.mark.parametrize(
    "properties", [{"basic_auth_user_info": "alice:s3cret-wrong"}, {"bearer_auth_token": "s3cret"}, {}]
)
def test_a_wrong_login_is_an_authentication_failure(properties: dict[str, str]) -> None:
    with SchemaRegistry.start(LOGIN) as served:
        error = refusal(client(served, **properties))
    assert isinstance(error, AuthFailed)
    assert "basic_auth_user_info" in str(error)


def test_a_permission_that_is_missing_is_an_authentication_failure(served: SchemaRegistry) -> None:
    served.status = 403
    assert isinstance(refusal(client(served)), AuthFailed)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_registry_in_trouble_is_unreachable_for_now(served: SchemaRegistry, status: int) -> None:
    number = served.register("a", LONG)
    registry = client(served)
    served.status = status
    assert isinstance(refusal(registry, number), Unreachable)
    served.status = 200
    assert registry.schema(number).text == '"long"'


def test_a_registry_that_is_away_is_unreachable_until_it_is_back(served: SchemaRegistry) -> None:
    number = served.register("a", LONG)
    registry = client(served)
    served.stop()
    error = refusal(registry, number)
    assert isinstance(error, Unreachable)
    assert f"Nothing listens at schema registry {served.url}" in str(error)
    served.run()
    assert registry.schema(number).text == '"long"'


def test_another_address_is_asked_where_the_first_is_away(served: SchemaRegistry) -> None:
    number = served.register("a", LONG)
    assert Registry({"schema_registry_url": f"http://127.0.0.1:1, {served.url}/"}).schema(number).kind == "AVRO"


def test_a_registry_that_never_answers_is_unreachable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_http, "READ_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = refusal(Registry({"schema_registry_url": f"http://127.0.0.1:{silent.getsockname()[1]}"}))
    assert isinstance(error, Unreachable)
    assert "did not answer" in str(error)


def test_an_unknown_host_is_unreachable() -> None:
    error = refusal(Registry({"schema_registry_url": "http://no-such-host.invalid"}))
    assert isinstance(error, Unreachable)
    assert "host name" in str(error)


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"[]", b'{"schema": 1}', b'{"schema": "' + b"x" * 5_000_000])
def test_an_answer_that_makes_no_sense_or_has_no_end_is_not_a_registrys(served: SchemaRegistry, body: bytes) -> None:
    served.body = body
    error = refusal(client(served))
    assert isinstance(error, BadSettings)
    assert "not as a schema registry does" in str(error)


def test_references_that_make_no_sense_are_the_schemas_fault(served: SchemaRegistry) -> None:
    served.body = b'{"schema": "s", "references": [{"name": "n"}]}'
    with pytest.raises(ValueError, match="refers to"):
        client(served).schema(1)


def test_a_permission_that_is_missing_for_one_schema_is_its_messages_fault(served: SchemaRegistry) -> None:
    registry = client(served)
    number = served.register("a", LONG)
    registry.schema(number)
    served.status = 403
    for _ in range(3):
        with pytest.raises(ValueError, match="does not let this user read /schemas/ids/7"):
            registry.schema(7)
    assert registry.schema(number).text == '"long"'
    assert served.asked["/schemas/ids/7"] == 1


def test_a_login_that_is_taken_no_longer_is_an_authentication_failure(served: SchemaRegistry) -> None:
    registry = client(served)
    registry.schema(served.register("a", LONG))
    served.status = 401
    assert isinstance(refusal(registry, 7), AuthFailed)


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>welcome</html>"), (200, b"[]"), (302, b"")])
def test_a_registry_that_answers_strangely_for_once_is_unreachable_for_now(
    served: SchemaRegistry, status: int, body: bytes
) -> None:
    registry = client(served)
    registry.schema(served.register("a", LONG))
    number = served.register("b", {"schema": '"int"'})
    served.status, served.body = status, body
    assert isinstance(refusal(registry, number), Unreachable)
    served.status, served.body = 200, None
    assert registry.schema(number).text == '"int"'


def test_a_schema_without_end_does_not_stop_those_that_have_one(served: SchemaRegistry) -> None:
    registry = client(served)
    registry.schema(served.register("a", LONG))
    served.body = b'{"schema": "' + b"x" * 5_000_000
    with pytest.raises(ValueError, match="longer than"):
        registry.schema(7)


def test_numbers_that_are_none_cost_a_bounded_number_of_questions(
    served: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = client(served)
    known, later = served.register("a", LONG), served.register("b", {"schema": '"int"'})
    registry.schema(known)
    served.asked.clear()
    for number in range(100, 1100):
        with pytest.raises(ValueError, match=r"has no /schemas/ids|is unknown"):
            registry.schema(number)
    assert sum(served.asked.values()) == module.MISSES
    assert registry.schema(known).text == '"long"'
    after = time.monotonic() + module.MISSING_S
    monkeypatch.setattr(module.time, "monotonic", lambda: after)
    assert registry.schema(later).text == '"int"'


def test_a_schema_that_refers_to_too_many_is_asked_for_once(
    served: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REFERENCES", 3)
    references = [{"name": f"s{each}", "subject": f"s{each}", "version": 1} for each in range(5)]
    for each in range(5):
        served.register(f"s{each}", {"schema": f"{each}"})
    number = served.register("top", {"schema": "top", "references": references})
    registry = client(served)
    for _ in range(10):
        with pytest.raises(ValueError, match="more than 3"):
            registry.schema(number)
    assert set(served.asked.values()) == {1}


def test_looking_at_binary_messages_costs_a_bounded_number_of_questions(served: SchemaRegistry) -> None:
    decoder = Decoder(more=framed_formats(client(served)))
    for number in range(1, 1000):
        decoder.decode([number.to_bytes(5, "big") + b"\2\3"])
    assert 0 < sum(served.asked.values()) <= module.MISSES


def test_a_redirect_is_not_followed(served: SchemaRegistry) -> None:
    with SchemaRegistry.start() as other:
        served.status = 302
        served.headers = {"Location": f"{other.url}/schemas/ids/1"}
        error = refusal(client(served, basic_auth_user_info=LOGIN))
        assert isinstance(error, BadSettings)
        assert not other.asked


def test_a_wrong_path_is_told_from_an_unknown_number(served: SchemaRegistry) -> None:
    served.status, served.body = 404, b"<html>not found</html>"
    with pytest.raises(ValueError, match="check schema_registry_url"):
        client(served).schema(1)


def test_a_port_that_does_not_speak_tls_is_told_so(served: SchemaRegistry) -> None:
    error = refusal(Registry({"schema_registry_url": served.url.replace("http", "https")}))
    assert isinstance(error, BadSettings)
    assert "does not speak TLS" in str(error)


def test_an_authority_that_cannot_be_read_is_named(served: SchemaRegistry) -> None:
    properties = {"schema_registry_url": served.url.replace("http", "https"), "ssl_cafile": "/absent.pem"}
    error = refusal(Registry(properties))
    assert isinstance(error, BadSettings)
    assert "/absent.pem" in str(error)
