"""From a connection's properties to the arguments of kafka-python's clients."""

from typing import Any

from kafka.net.sasl.oauth import AbstractTokenProvider

from sources.kafka_properties import BESIDE, TLS, Cluster
from sources.tls import tls_context


def client_arguments(cluster: Cluster) -> dict[str, Any]:
    """Arguments for kafka-python's clients. Reads the certificates; raises BadSettings for one that can't be used."""
    named = cluster.properties
    other = {*TLS, "sasl_oauth_token", *BESIDE}
    arguments: dict[str, Any] = {name: value for name, value in named.items() if name not in other}
    arguments["bootstrap_servers"] = cluster.servers.replace(" ", "").split(",")
    if "api_version" in named:
        arguments["api_version"] = tuple(map(int, named["api_version"].split(".")))
    if named.get("security_protocol", "").endswith("SSL"):
        arguments["ssl_context"] = context = tls_context(named)
        context.check_hostname = named.get("ssl_check_hostname") != "FALSE"
    if "sasl_oauth_token" in named:
        arguments["sasl_oauth_token_provider"] = StaticToken(named["sasl_oauth_token"])
    return arguments


class StaticToken(AbstractTokenProvider):  # type: ignore[misc] # the library has no types
    """The one token that the connection holds."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def token(self) -> str:
        """See AbstractTokenProvider."""
        return self._token
