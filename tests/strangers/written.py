"""Whether a secret stands in what was sent or logged, however it is written."""

import base64
from urllib.parse import quote


def ways_to_write(secret: str) -> dict[str, bytes]:
    """How a secret may stand in a text: by the name of the way."""
    raw = secret.encode()
    return {
        "plain": raw,
        "in an address": quote(secret, safe="").encode(),
        "repr": repr(secret)[1:-1].encode(),
        "hex": raw.hex().encode(),
        # Base64 of whatever stands before it: the three ways in which its bytes may fall into groups, without the edges.
        **{f"base64 at {shift}": base64.b64encode(b"x" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)},
    }


def found_in(where: bytes, secrets: dict[str, str]) -> list[str]:
    """Which secrets stand there, and how."""
    return [
        f"{name} ({way}): …{_around(where, written)}…"
        for name, secret in secrets.items()
        for way, written in ways_to_write(secret).items()
        if written in where
    ]


def _around(where: bytes, written: bytes) -> str:
    at = where.index(written)
    return repr(where[max(0, at - 60) : at + len(written) + 20])
