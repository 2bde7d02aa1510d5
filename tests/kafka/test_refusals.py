"""A cluster that can't be read fails within seconds, with the true cause and without secrets."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sources.errors import AuthFailed, BadSettings, NotFound, SourceError, Unreachable
from sources.kafka import Kafka, list_topics
from tests.kafka.broker import PASSWORD, USER, KafkaBroker
from tests.kafka.traffic import Traffic

WRONG = "wr0ng-s3cret"
SECONDS = 5.0


def refusal(**properties: str) -> SourceError:
    """What listing the topics raises, in time and without secrets."""
    began = time.monotonic()
    with pytest.raises(SourceError) as caught:
        list_topics(tuple(properties.items()))
    assert time.monotonic() - began < SECONDS
    assert PASSWORD not in str(caught.value)
    assert WRONG not in str(caught.value)
    return caught.value


def login(mechanism: str, password: str = WRONG) -> dict[str, str]:
    return {"sasl_mechanism": mechanism, "sasl_plain_username": USER, "sasl_plain_password": password}


@pytest.fixture
def web_server() -> Iterator[str]:
    """Answers anything as a web server would."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.recv(1000)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                    connection.settimeout(0.5)
                    connection.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_an_unknown_topic_is_refused_and_not_created(traffic: Traffic) -> None:
    topic = traffic.topic()
    with pytest.raises(NotFound, match=topic):  # the near miss is named
        Kafka(topic=topic[:-1], bootstrap_servers=traffic.bootstrap).open()
    assert topic[:-1] not in traffic.topics()
    assert topic in traffic.topics()


def test_the_topic_list_hides_internal_topics(traffic: Traffic) -> None:
    topic = traffic.topic()
    traffic.producer({"transactional.id": topic}).init_transactions(20)
    assert "__transaction_state" in traffic.topics()
    listed = list_topics((), traffic.bootstrap)
    assert topic in listed
    assert listed == sorted(name for name in traffic.topics() if not name.startswith("__"))


def test_nothing_listening_is_unreachable() -> None:
    error = refusal(bootstrap_servers="127.0.0.1:1")
    assert isinstance(error, Unreachable)
    assert "Nothing listens at 127.0.0.1:1" in str(error)


def test_a_host_name_that_does_not_exist_is_unreachable() -> None:
    error = refusal(bootstrap_servers="no-such-host.invalid:9092")
    assert isinstance(error, Unreachable)
    assert "host name" in str(error)


def test_one_dead_address_among_several_does_not_matter(traffic: Traffic) -> None:
    assert list_topics((), f"127.0.0.1:1,{traffic.bootstrap}") is not None


def test_a_port_that_is_not_kafka_is_told_so(web_server: str) -> None:
    error = refusal(bootstrap_servers=web_server)
    assert isinstance(error, BadSettings)
    assert error.setting == "connection"
    assert "not as a Kafka broker" in str(error)


def test_a_port_that_is_not_tls_is_told_so(web_server: str) -> None:
    error = refusal(bootstrap_servers=web_server, security_protocol="SSL")
    assert isinstance(error, BadSettings)
    assert "does not speak TLS" in str(error)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_wrong_password_is_an_authentication_failure(broker: KafkaBroker, mechanism: str) -> None:
    error = refusal(bootstrap_servers=broker.sasl, security_protocol="SASL_PLAINTEXT", **login(mechanism))
    assert isinstance(error, AuthFailed)
    assert "refused the login" in str(error)


def test_a_wrong_token_is_an_authentication_failure(broker: KafkaBroker) -> None:
    token = {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token": WRONG}
    error = refusal(bootstrap_servers=broker.sasl, security_protocol="SASL_PLAINTEXT", **token)
    assert isinstance(error, AuthFailed)


def test_a_wrong_mechanism_is_named(broker: KafkaBroker) -> None:
    authority = str(broker.certificates.authority)
    error = refusal(
        bootstrap_servers=broker.sasl_tls, security_protocol="SASL_SSL", ssl_cafile=authority, **login("PLAIN")
    )
    assert isinstance(error, AuthFailed)
    assert "does not offer sasl_mechanism PLAIN" in str(error)


def test_a_login_where_none_is_expected_is_told_so(broker: KafkaBroker) -> None:
    error = refusal(bootstrap_servers=broker.bootstrap, security_protocol="SASL_PLAINTEXT", **login("PLAIN"))
    assert isinstance(error, AuthFailed)
    assert "security_protocol" in str(error)


def test_no_login_where_one_is_expected_says_what_to_check(broker: KafkaBroker) -> None:
    error = refusal(bootstrap_servers=broker.sasl)
    assert isinstance(error, Unreachable)
    assert "security_protocol" in str(error)


def test_no_tls_where_it_is_expected_is_told_so(broker: KafkaBroker) -> None:
    error = refusal(bootstrap_servers=broker.tls)
    assert isinstance(error, BadSettings)
    assert "security_protocol" in str(error)


def test_tls_where_none_is_expected_says_what_to_check(broker: KafkaBroker) -> None:
    authority = str(broker.certificates.authority)
    error = refusal(bootstrap_servers=broker.bootstrap, security_protocol="SSL", ssl_cafile=authority)
    assert "TLS" in str(error)


def test_a_certificate_of_a_strange_authority_is_not_trusted(broker: KafkaBroker) -> None:
    stranger = str(broker.certificates.stranger)
    error = refusal(bootstrap_servers=broker.tls, security_protocol="SSL", ssl_cafile=stranger)
    assert isinstance(error, AuthFailed)
    assert "not to be trusted" in str(error)


def test_a_missing_client_certificate_is_an_authentication_failure(broker: KafkaBroker) -> None:
    authority = str(broker.certificates.authority)
    error = refusal(bootstrap_servers=broker.mutual_tls, security_protocol="SSL", ssl_cafile=authority)
    assert isinstance(error, AuthFailed)
    assert "ssl_certfile" in str(error)
