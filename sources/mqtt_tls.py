"""What a connection's properties say of TLS, as a context for it."""

import ssl

from sources.errors import BadSettings
from sources.mqtt_broker import Broker


def tls_context(broker: Broker) -> ssl.SSLContext:
    """Certificates are checked against the system's authorities, or `ca_certs`. Raises BadSettings for files that can't be read."""
    try:
        context = ssl.create_default_context(cafile=broker.ca_certs or None)
        if broker.certfile:
            # A password that is empty is one: without it, OpenSSL would ask for it at the terminal.
            context.load_cert_chain(broker.certfile, broker.keyfile or None, broker.keyfile_password)
        if broker.alpn_protocols:
            context.set_alpn_protocols([each.strip() for each in broker.alpn_protocols.split(",")])
    except (OSError, ValueError):  # files that are missing, no certificates, or locked with another password
        raise BadSettings(
            broker.setting,
            "the certificates can't be read: check that ca_certs, certfile and keyfile are PEM files, and keyfile_password",
        ) from None
    if broker.tls_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
