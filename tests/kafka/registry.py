"""A schema registry on loopback that speaks the routes Confluent documents, for tests.

with SchemaRegistry.start() as registry:
registry.url                     what clients are given
registry.stop(), registry.run()  away, and back at the same address with what it held
registry.status = 500            what it answers to everything from now on; registry.body, registry.headers too
registry.asked                   how often each path was asked for, with its query
"""

import base64
import contextlib
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, dict[str, Any]]

NOT_FOUND = {
    "subject": (404, {"error_code": 40401, "message": "Subject not found."}),
    "version": (404, {"error_code": 40402, "message": "Version not found."}),
    "schema": (404, {"error_code": 40403, "message": "Schema not found"}),
}


class SchemaRegistry:
    """Schemas by number, subjects' versions by number from 1. Equal schemas have one number."""

    @classmethod
    @contextlib.contextmanager
    def start(cls, login: str = "") -> Iterator["SchemaRegistry"]:
        """One that runs; `login`, as user:password or as a token, is then asked for."""
        registry = cls(login)
        registry.run()
        try:
            yield registry
        finally:
            registry.stop()

    def __init__(self, login: str = "") -> None:
        basic = f"Basic {base64.b64encode(login.encode()).decode()}"
        self.authorization = "" if not login else basic if ":" in login else f"Bearer {login}"
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None
        self.asked: Counter[str] = Counter()
        self._schemas: list[dict[str, Any]] = []
        self._subjects: dict[str, list[int]] = {}
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def run(self) -> None:
        """Listen, at the port of before if there was one."""
        handler = type("Handler", (_Handler,), {"registry": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="registry", daemon=True).start()

    def stop(self) -> None:
        """Listen no longer; what is registered stays. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def register(self, subject: str, schema: dict[str, Any]) -> int:
        """The number of the schema, which is the subject's newest version then."""
        kept = {"schemaType": "AVRO", "references": []} | {
            name: value for name, value in schema.items() if name in ("schema", "schemaType", "references") and value
        }
        with self._lock:
            if kept not in self._schemas:
                self._schemas.append(kept)
            number = self._schemas.index(kept) + 1
            versions = self._subjects.setdefault(subject, [])
            if number not in versions:
                versions.append(number)
        return number

    def answer(  # noqa: PLR0911 - one a route and a refusal
        self, method: str, path: str, query: dict[str, list[str]], body: dict[str, Any]
    ) -> Answer:
        """What the registry says to one request."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match method, parts:
            case "GET", ["schemas", "ids", number]:
                known = number.isdigit() and 0 < int(number) <= len(self._schemas)
                return (200, self._shown(int(number), query)) if known else NOT_FOUND["schema"]
            case "GET", ["subjects", subject, "versions", version]:
                versions = self._subjects.get(subject)
                if versions is None:
                    return NOT_FOUND["subject"]
                place = len(versions) if version == "latest" else int(version)
                if not 0 < place <= len(versions):
                    return NOT_FOUND["version"]
                return 200, self._version(subject, place) | self._shown(versions[place - 1], query)
            case "POST", ["subjects", subject, "versions"]:
                return 200, {"id": self.register(subject, body)}
            case "POST", ["subjects", subject]:
                number = self.register(subject, body)
                place = self._subjects[subject].index(number) + 1
                return 200, self._version(subject, place) | self._schemas[number - 1]
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}

    def _version(self, subject: str, place: int) -> dict[str, Any]:
        return {"subject": subject, "version": place, "id": self._subjects[subject][place - 1]}

    def _shown(self, number: int, query: dict[str, list[str]]) -> dict[str, Any]:
        """As the documented registry does: no type for Avro, no references where there are none, Protobuf as text by default."""
        schema = self._schemas[number - 1]
        shown = {name: value for name, value in schema.items() if value and value != "AVRO"}
        if schema["schemaType"] == "PROTOBUF" and query.get("format") != ["serialized"]:
            shown["schema"] = 'syntax = "proto3"; // as text, which only a compiler could read'
        return shown


class _Handler(BaseHTTPRequestHandler):
    registry: SchemaRegistry

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        registry, address = self.registry, urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if method == "GET":
            registry.asked[re.sub(r"\?$", "", self.path)] += 1
        if registry.authorization not in ("", self.headers.get("Authorization")):
            status, document = 401, {"error_code": 401, "message": "Unauthorized"}
        elif registry.status != 200 or registry.body is not None:
            status, document = registry.status, {"error_code": registry.status * 100 + 1, "message": "as was asked for"}
        else:
            status, document = registry.answer(method, address.path, parse_qs(address.query), body)
        content = registry.body if registry.body is not None else json.dumps(document).encode()
        with contextlib.suppress(OSError):  # the client hung up, as it may
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in registry.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep the tests' output clean."""
