"""Every way to log in that is offered reads a topic."""

import base64
import json
import time

import pytest

from sources.kafka import Kafka
from tests.kafka.broker import PASSWORD, USER, KafkaBroker
from tests.kafka.traffic import Traffic, read, rows


def reads(broker: KafkaBroker, properties: dict[str, str]) -> bool:
    """Whether a topic can be read with these properties."""
    traffic = Traffic(broker.bootstrap)
    topic = traffic.topic()
    traffic.produce(topic, [{"value": b"7"}])
    reader = Kafka(topic=topic, start="earliest", properties=tuple(properties.items())).open()
    try:
        return [row["value"] for row in rows(read(reader, 1))] == [7]
    finally:
        reader.close()


def unsecured_token() -> str:
    """A token as brokers take it that were told to check no signature (RFC 7515, appendix A.5)."""
    now = int(time.time())
    parts = ({"alg": "none"}, {"sub": USER, "iat": now - 10, "exp": now + 3600})
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts) + "."


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_password_login(broker: KafkaBroker, mechanism: str) -> None:
    assert reads(
        broker,
        {
            "bootstrap_servers": broker.sasl,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": mechanism,
            "sasl_plain_username": USER,
            "sasl_plain_password": PASSWORD,
        },
    )


def test_a_token_login(broker: KafkaBroker) -> None:
    assert reads(
        broker,
        {
            "bootstrap_servers": broker.sasl,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "OAUTHBEARER",
            "sasl_oauth_token": unsecured_token(),
        },
    )


def test_tls_with_an_authority_of_ones_own(broker: KafkaBroker) -> None:
    authority = str(broker.certificates.authority)
    assert reads(broker, {"bootstrap_servers": broker.tls, "security_protocol": "SSL", "ssl_cafile": authority})


def test_tls_with_a_client_certificate(broker: KafkaBroker) -> None:
    assert reads(
        broker,
        {
            "bootstrap_servers": broker.mutual_tls,
            "security_protocol": "SSL",
            "ssl_cafile": str(broker.certificates.authority),
            "ssl_certfile": str(broker.certificates.client),
            "ssl_keyfile": str(broker.certificates.client_key),
        },
    )


def test_a_password_login_over_tls_in_the_spelling_of_other_clients(broker: KafkaBroker) -> None:
    assert reads(
        broker,
        {
            "bootstrap.servers": broker.sasl_tls,
            "security.protocol": "sasl_ssl",
            "sasl.mechanisms": "SCRAM-SHA-512",
            "sasl.username": USER,
            "sasl.password": PASSWORD,
            "ssl.ca.location": str(broker.certificates.authority),
        },
    )
