"""One question to a schema registry: within its time and size, with what went wrong in words a person can act on."""

import base64
import time
from collections.abc import Mapping
from typing import Any, NoReturn

import orjson

from sources.errors import AuthFailed, BadSettings, SourceError, Unreachable

CONNECT_S, READ_S = 2.0, 3.0
"""How long to wait for a connection, and for the next bytes of an answer."""

ANSWER_S, ANSWER_BYTES = 5.0, 4_000_000
"""How long an answer may take once it has begun, and how long it may be."""

_ACCEPT = "application/vnd.schemaregistry.v1+json, application/json"

_CAUSES: tuple[tuple[str, type[SourceError], str], ...] = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        AuthFailed,
        "The certificate of schema registry {url} is not to be trusted: check schema_registry_ssl_cafile.",
    ),
    ("WRONG_VERSION_NUMBER", BadSettings, "{url} does not speak TLS: check schema_registry_url."),
    ("RECORD_LAYER_FAILURE", BadSettings, "{url} does not speak TLS: check schema_registry_url."),
    ("refused", Unreachable, "Nothing listens at schema registry {url}: check schema_registry_url, and that it runs."),
    ("resolve", Unreachable, "The host name of schema registry {url} is unknown: check schema_registry_url."),
    ("", Unreachable, "Schema registry {url} did not answer: check schema_registry_url, and how busy it is."),
)
"""By what the library says, the first that fits: what to raise, and what to tell the user. Its own words hold addresses
of objects and no more that helps."""


class Question:
    """Asks in the name of one connection."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._authority = properties.get("schema_registry_ssl_cafile") or properties.get("ssl_cafile") or True
        self._authorization = _authorization(properties)
        self._proven: set[str] = (
            set()
        )  # addresses that have given a schema: whatever they say next, they are a registry's

    def ask(self, url: str, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """What the registry at `url` holds at `path`, a JSON object with a `schema`.

        Raises ValueError where it holds nothing there, else a SourceError. Fails within about ten seconds. Once `url` has
        given a schema, neither a missing permission nor an answer that makes no sense is Mendable: the others can be read.
        """
        import requests  # noqa: PLC0415 - for those alone whose messages have schemas

        try:
            with requests.get(
                url + path,
                params=parameters,
                headers={"Accept": _ACCEPT, "Accept-Encoding": "identity"},
                auth=self._log_in,
                timeout=(CONNECT_S, READ_S),
                verify=self._authority,
                allow_redirects=False,  # another host would be sent the login
                stream=True,
            ) as answer:
                status, body = answer.status_code, self._body(answer, url)
        except requests.RequestException as error:
            _explain(str(error), url)
        except OSError:  # what requests raises for an authority that is not there
            raise BadSettings(
                "connection", f"The authority {self._authority} of schema registry {url} can't be read: check its path."
            ) from None
        document = _document(body)
        if status != requests.codes.ok:
            self._refuse(status, url, path, told="error_code" in document)
        if not isinstance(document.get("schema"), str):
            raise self._strange(url)
        self._proven.add(url)
        return document

    def _log_in(self, request: Any) -> Any:
        """See requests.auth.AuthBase. Needed without a login too, lest one from a .netrc is sent."""
        if self._authorization:
            request.headers["Authorization"] = self._authorization
        return request

    def _refuse(self, status: int, url: str, path: str, *, told: bool) -> NoReturn:
        """Raise what that status means; `told`: with the error code of a registry."""
        registry = f"Schema registry {url}"
        match status:
            case 401 if not self._authorization:
                raise AuthFailed(
                    f"{registry} asks for a login: add basic_auth_user_info or bearer_auth_token to the connection."
                )
            case 401:
                raise AuthFailed(f"{registry} refused the login: check basic_auth_user_info or bearer_auth_token.")
            case 403 if url in self._proven:
                raise ValueError(f"{registry} does not let this user read {path}: ask for the permission")
            case 403:
                raise AuthFailed(f"{registry} does not let this user read {path}: ask for the permission.")
            case 404 if told:
                raise ValueError(
                    f"{registry} has no {path}: it was deleted, or the message is meant for another registry"
                )
            case 404:
                raise ValueError(f"{url} has no {path}, nor says so as a registry would: check schema_registry_url")
            case 408 | 425 | 429 | 500 | 502 | 503 | 504:
                raise Unreachable(f"{registry} can't answer for now (HTTP {status}): asking again.")
            case 301 | 302 | 303 | 307 | 308 if url in self._proven:
                raise self._strange(url)
            case 301 | 302 | 303 | 307 | 308:
                raise BadSettings(
                    "connection",
                    f"{url} sends on to another address, which is not followed: check schema_registry_url.",
                )
        raise ValueError(f"{registry} does not give {path} (HTTP {status})")

    def _body(self, answer: Any, url: str) -> bytes:
        """The answer's body. Raises Unreachable if it drips; if it has no end, ValueError or what an odd answer raises."""
        deadline = time.monotonic() + ANSWER_S
        body = b""
        for part in answer.iter_content(65_536):
            body += part
            if len(body) > ANSWER_BYTES:
                if url in self._proven:  # it would be as long when asked again
                    raise ValueError(
                        f"what schema registry {url} says of its schema is longer than {ANSWER_BYTES:,} bytes"
                    )
                raise self._strange(url)
            if time.monotonic() > deadline:
                _explain("", url)
        return body

    def _strange(self, url: str) -> SourceError:
        """The error for an answer that makes no sense."""
        if url in self._proven:
            return Unreachable(f"Schema registry {url} answers, but not as it did before: asking again.")
        return BadSettings(
            "connection", f"{url} answers, but not as a schema registry does: check schema_registry_url."
        )


def _authorization(properties: Mapping[str, str]) -> str:
    login, token = properties.get("basic_auth_user_info"), properties.get("bearer_auth_token")
    return f"Basic {base64.b64encode(login.encode()).decode()}" if login else f"Bearer {token}" if token else ""


def _document(body: bytes) -> dict[str, Any]:
    """The object that the body is; an empty one for anything else."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _explain(said: str, url: str) -> NoReturn:
    kind, message = next((kind, message) for sign, kind, message in _CAUSES if sign in said)
    message = message.format(url=url)
    raise (BadSettings("connection", message) if kind is BadSettings else kind(message)) from None
