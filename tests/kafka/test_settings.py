"""Settings that make no sense are refused before anything is asked of a cluster."""

import pytest

from sources.errors import BadSettings
from sources.kafka import Kafka, cluster_of, list_topics
from sources.kafka_arguments import client_arguments
from sources.kafka_properties import normalise
from sources.protocol import form_fields

LOGIN = (
    ("bootstrap_servers", "kafka:9092"),
    ("security_protocol", "SASL_SSL"),
    ("sasl_mechanism", "PLAIN"),
    ("sasl_plain_username", "alice"),
    ("sasl_plain_password", "s3cret"),
)
REGISTRY = (("schema.registry.url", "https://registry:8081"),)


def test_settings_are_hashable_and_keep_secrets_to_themselves() -> None:
    source = Kafka(topic="metrics", connection="main", properties=LOGIN)
    assert hash(source) == hash(Kafka(topic="metrics", connection="main", properties=LOGIN))
    assert "s3cret" not in repr(source)
    assert "properties" not in [each.name for each in form_fields(source)]


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({}, "topic"),
        ({"topic": " "}, "topic"),
        ({"topic": "a b"}, "topic"),
        ({"topic": ".."}, "topic"),
        ({"topic": "x" * 250}, "topic"),
        ({"topic": "metrics", "start": "soon"}, "start"),
        ({"topic": "metrics", "bootstrap_servers": ""}, "bootstrap_servers"),
        ({"topic": "metrics", "bootstrap_servers": "not an address"}, "bootstrap_servers"),
        ({"topic": "metrics", "bootstrap_servers": "localhost:99999"}, "bootstrap_servers"),
        ({"topic": "metrics", "bootstrap_servers": "localhost:9092,"}, "bootstrap_servers"),
        ({"topic": "metrics", "properties": (("security_protocol", "SSL"),)}, "connection"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings: dict[str, str], setting: str) -> None:
    with pytest.raises(BadSettings) as caught:
        Kafka(**({"bootstrap_servers": "localhost:9092"} | settings if "properties" not in settings else settings))  # type: ignore[arg-type]
    assert caught.value.setting == setting


@pytest.mark.parametrize(
    "servers", ["localhost", "localhost:9092", "a.b-c:1, 10.0.0.1:2", "[::1]:9092", "SASL_SSL://k:1"]
)
def test_every_spelling_of_an_address_is_taken(servers: str) -> None:
    assert cluster_of((), servers).servers == servers


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ([("group_id", "x")], "group_id"),
        ([("sasl.jaas.config", "x")], "sasl.jaas.config"),
        ([("security_protocol", "TLS")], "SASL_SSL"),
        ([("sasl_mechanism", "PLAIN")], "security_protocol"),
        ([("security_protocol", "SASL_SSL")], "sasl_mechanism"),
        ([("security_protocol", "SASL_SSL"), ("sasl_mechanism", "GSSAPI")], "OAUTHBEARER"),
        ([("security_protocol", "SASL_SSL"), ("sasl_mechanism", "PLAIN")], "sasl_plain_username"),
        ([("security_protocol", "SASL_SSL"), ("sasl_mechanism", "OAUTHBEARER")], "sasl_oauth_token"),
        ([("ssl_keyfile", "key.pem")], "ssl_certfile"),
        ([("api_version", "new")], "2.3"),
        ([("schema_registry_url", "registry:8081")], "https://"),
        ([("schema_registry_url", "ftp://registry")], "https://"),
        ([("schema_registry_url", "http://registry:99999")], "https://"),
        ([("schema_registry_url", "http://a:s3cret@registry")], "basic_auth_user_info"),
        ([("basic_auth_user_info", "alice:s3cret")], "schema_registry_url"),
        ([*REGISTRY, ("basic_auth_user_info", "alice")], "colon"),
        ([*REGISTRY, ("basic_auth_user_info", "a:s3cret"), ("bearer_auth_token", "s3cret")], "both"),
        ([*REGISTRY, ("basic_auth_credentials_source", "SASL_INHERIT")], "USER_INFO"),
    ],
)
def test_a_property_that_is_unknown_or_incomplete_is_named(properties: list[tuple[str, str]], named: str) -> None:
    with pytest.raises(BadSettings, match=named) as caught:
        normalise(properties)
    assert caught.value.setting == "connection"
    assert "s3cret" not in str(caught.value)


def test_other_clients_spellings_mean_the_same() -> None:
    dotted = {
        "bootstrap.servers": "kafka:9092",
        "security.protocol": "sasl_ssl",
        "sasl.mechanisms": "plain",
        "sasl.username": "alice",
        "sasl.password": "s3cret",
    }
    assert normalise(dotted.items()) == dict(LOGIN)


def test_a_registrys_properties_are_taken_as_confluents_clients_name_them() -> None:
    named = {
        "schema_registry_url": "https://a:8081,https://b/registry",
        "basic_auth_user_info": "alice:s3cret",
        "schema_registry_ssl_cafile": "ca.pem",
        "basic_auth_credentials_source": "USER_INFO",
    }
    dotted = {
        "schema.registry.url": "https://a:8081,https://b/registry",
        "schema.registry.basic.auth.user.info": "alice:s3cret",
        "schema.registry.ssl.ca.location": "ca.pem",
        "basic.auth.credentials.source": "user_info",
    }
    assert normalise(dotted.items()) == named


def test_a_registrys_properties_stay_out_of_kafkas_own_client() -> None:
    properties = [
        *LOGIN[:1],
        *REGISTRY,
        ("bearer.auth.token", "s3cret"),
        ("bearer.auth.credentials.source", "STATIC_TOKEN"),
    ]
    assert client_arguments(cluster_of(properties)) == {"bootstrap_servers": ["kafka:9092"]}


@pytest.mark.parametrize("name", ["ssl_cafile", "ssl_certfile"])
def test_a_certificate_that_cannot_be_read_is_named(name: str) -> None:
    properties = (("bootstrap_servers", "localhost:1"), ("security_protocol", "SSL"), (name, "/absent.pem"))
    with pytest.raises(BadSettings, match=r"/absent\.pem"):
        list_topics(properties)


def test_a_cluster_keeps_its_secrets_to_itself() -> None:
    assert "s3cret" not in repr(cluster_of(LOGIN))


def test_an_error_never_repeats_a_secret_whoever_put_it_there() -> None:
    assert "s3cret" not in cluster_of(LOGIN).redact("the broker said: s3cret is wrong")


def test_an_error_never_repeats_a_registrys_password_alone() -> None:
    properties = [*LOGIN[:1], *REGISTRY, ("basic_auth_user_info", "alice:hunter2")]
    assert cluster_of(properties).redact("alice:hunter2, hunter2") == "•••, •••"
