"""One question to the running app, in whatever name a stranger's program or another site's page may ask it."""

import contextlib
import http.client

from tests.browser.running_app import RunningApp


def asked(app: RunningApp, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Status and headers of its answer."""
    with contextlib.closing(http.client.HTTPConnection(app.origin.removeprefix("http://"), timeout=10)) as connection:
        connection.request(method, path, body=b"" if method == "PUT" else None, headers=headers)
        with connection.getresponse() as answer:
            return answer.status, dict(answer.getheaders())


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
}
