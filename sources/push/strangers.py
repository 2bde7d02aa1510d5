"""Whose requests are not taken: a loopback address is reached by the pages of any site in this machine's own browser, too."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from sources.addresses import is_loopback


def is_of_a_page(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser sent it on behalf of a site: none is served here, so each is a foreign one.

    Browsers name the site in Origin with every post, and say with Sec-Fetch-Site who began a request; nothing else does.

    >>> is_of_a_page({b"origin": b"https://evil.example"}), is_of_a_page({b"user-agent": b"curl"})
    (True, False)
    """
    return b"origin" in headers or headers.get(b"sec-fetch-site", b"none") != b"none"


def is_addressed_to_this_machine(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the name by which the sender calls this machine is its own: a page's name may be made to lead here.

    >>> is_addressed_to_this_machine({b"host": b"localhost:8502"}), is_addressed_to_this_machine({b"host": b"evil.example"})
    (True, False)
    """
    try:
        host = urlsplit(f"//{headers.get(b'host', b'localhost').decode('latin-1')}").hostname
    except ValueError:  # a bracket that is not closed
        return False
    return host is not None and is_loopback(host)


def bears(headers: Mapping[bytes, bytes], token: str) -> bool:
    """Whether a request has the token; the answer takes as long however much of it is right."""
    scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
    return hmac.compare_digest(given.strip(), token.encode()) and scheme.lower() == b"bearer"
