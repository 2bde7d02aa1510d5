"""A small OpenID Connect provider on loopback: whoever comes is `who`, without a question.

with Provider({"email": "ada@example.org", "email_verified": True}) as provider:
provider.metadata_url     # for server_metadata_url in secrets.toml
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "pulseboard", "c1ient-s3cret-of-the-provider"


class Provider:
    """Serves until it is left.

    who       the claims about whoever logs in next; `sub` is added
    asked     the paths that were asked for, oldest first
    """

    def __init__(self, who: Mapping[str, Any]) -> None:
        self.who = dict(who)
        self.asked: list[str] = []
        self.codes: dict[str, tuple[str, str]] = {}
        """Code → the nonce it is for and where it was sent."""
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def token(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": nonce, **self.who}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            provider.asked.append(asked.path)
            given = {name: values[-1] for name, values in parse_qs(asked.query).items()}
            match asked.path:
                case "/.well-known/openid-configuration":
                    self._json(provider.metadata())
                case "/keys":
                    self._json({"keys": [provider.key.as_dict(private=False)]})
                case "/authorize" if given.get("client_id") == CLIENT:
                    code = secrets.token_urlsafe()
                    provider.codes[code] = given.get("nonce", ""), given["redirect_uri"]
                    self.send_response(302)
                    back = urlencode({"code": code, "state": given["state"]})
                    self.send_header("Location", f"{given['redirect_uri']}?{back}")
                    self.end_headers()
                case _:
                    self._json({"error": "invalid_request"}, 400)

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            nonce, redirect = provider.codes.pop(form.get("code", [""])[0], ("", ""))
            login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            known = self.headers.get("Authorization") == f"Basic {login}" and form.get("redirect_uri") == [redirect]
            if known:
                self._json(provider.token(nonce))
            else:
                self._json({"error": "invalid_client"}, 401)

        def _json(self, document: Any, status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
