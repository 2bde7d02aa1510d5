"""Users of Mosquitto's dynamic security, the one of its ways to guard topics that refuses a subscription and says so."""

import base64
import hashlib
import json
from typing import Any

ITERATIONS = 101
SALT = b"pulseboard12"


def security(users: dict[str, tuple[str, tuple[str, ...]]]) -> str:
    """The plugin's file: each user's password, and the filters they may subscribe to."""
    return json.dumps(
        {
            "clients": [_client(name, password) for name, (password, _) in users.items()],
            "roles": [{"rolename": name, "acls": _rules(filters)} for name, (_, filters) in users.items()],
            "defaultACLAccess": {
                "publishClientSend": True,
                "publishClientReceive": True,
                "subscribe": False,
                "unsubscribe": True,
            },
        }
    )


def _client(name: str, password: str) -> dict[str, Any]:
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), SALT, ITERATIONS)
    return {
        "username": name,
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(SALT).decode(),
        "iterations": ITERATIONS,
        "roles": [{"rolename": name}],
    }


def _rules(filters: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"acltype": "subscribePattern", "topic": each, "allow": True} for each in filters]
