"""How a client trusts whom it talks to over TLS, and shows who it is, from the files that a connection names."""

import ssl
from collections.abc import Mapping

from sources.errors import BadSettings

FILES = ("ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_password")
"""A connection's properties for it: the authority, the client's certificate, its key, and the key's password."""


def tls_context(properties: Mapping[str, str]) -> ssl.SSLContext:
    """What a connection with those properties trusts, and shows. Raises BadSettings for a file that can't be used."""
    authority, certificate = properties.get("ssl_cafile"), properties.get("ssl_certfile")
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as error:  # an ssl.SSLError is one too
        why = error.strerror or error
        raise BadSettings("connection", f"ssl_cafile {authority} can't be used ({why}): check its path") from None
    if certificate:
        try:
            context.load_cert_chain(certificate, properties.get("ssl_keyfile"), properties.get("ssl_password", ""))
        except OSError as error:
            why = error.strerror or error
            raise BadSettings(
                "connection",
                f"ssl_certfile {certificate} can't be used ({why}): check its path, and ssl_keyfile and ssl_password",
            ) from None
    return context
