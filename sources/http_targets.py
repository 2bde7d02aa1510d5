"""Which addresses an HTTP feed asks, and in whose name: from what was typed, or from a connection's properties.

url, history_url       where the data is, and what was before it
headers.NAME           sent along, such as headers.X-Api-Key
params.NAME            added to the url's query
bearer_auth_token      the login, as a token
basic_auth_user_info   or as user:password
verify                 the file of the authority that has signed the server's certificate
cert                   the client's own certificate and key: a file of both, or two files with a comma
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlencode

from sources.addresses import check_url
from sources.connections import Properties
from sources.errors import BadSettings

SCHEMES = ("http", "https")
KNOWN = ("url", "history_url", "bearer_auth_token", "basic_auth_user_info", "verify", "cert")
PREFIXES = ("headers.", "params.")

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TAKEN = frozenset(("host", "content-length", "transfer-encoding", "connection", "accept-encoding"))
"""Headers that say how an answer gets here, which is this reader's own business."""
_PORTS = {"http": 80, "https": 443}
SHOWN_CHARS = 80

Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask.

    url      without a login
    headers  name → value, for the origin of `url` alone
    shown    what errors call it; holds no secret
    setting  the setting that names it
    roams    whether it may send on to another host
    verify   the file of its authority; "" for those that everyone knows
    cert     the client's certificate, or certificate and key
    """

    url: str = field(repr=False)
    shown: str
    setting: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    roams: bool = True
    verify: str = ""
    cert: tuple[str, ...] = ()


def origin(parts: SplitResult) -> Origin:
    """Scheme, host and port: what a login is for.

    >>> from urllib.parse import urlsplit
    >>> origin(urlsplit("HTTPS://Example.org/a")) == origin(urlsplit("https://example.org:443"))
    True
    """
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower().rstrip("."), parts.port or _PORTS.get(scheme, 0)


def shown(parts: SplitResult, *, path: bool = True) -> str:
    """An address as errors show it: never its login or its query, and no path where that may hold a secret.

    >>> from urllib.parse import urlsplit
    >>> shown(urlsplit("http://ada:hunter2@example.org/a?key=3")), shown(urlsplit("http://example.org/a"), path=False)
    ('http://example.org/a', 'http://example.org')
    """
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path if path else ''}"[:SHOWN_CHARS]


def targets(url: str, endpoint: str, history_url: str, properties: Properties) -> tuple[Target, Target | None]:
    """What to ask again and again, and what to ask once before; None for no history. Raises BadSettings."""
    if not properties:
        return _typed(url, endpoint, history_url)
    named = _named(properties)
    if not named.get("url"):
        raise BadSettings("connection", "the connection has no url: add one such as https://example.org/api")
    parts = check_url(named["url"], SCHEMES, "connection", typed=False)
    headers = _headers(named, parts)
    tls = {"verify": named.get("verify", ""), "cert": tuple(filter(None, named.get("cert", "").split(",")))}
    query = [(name.removeprefix("params."), text) for name, text in named.items() if name.startswith("params.")]
    where = "the connection's url at " + shown(parts, path=False)
    live = _below(parts, endpoint)
    more = "&".join(filter(None, (live.query, urlencode(query))))
    live = live._replace(netloc=_host(parts), query=more, fragment="")
    called = f"{endpoint[:SHOWN_CHARS].partition('?')[0]} at {where}" if endpoint else where
    setting = "endpoint" if endpoint else "connection"
    target = Target(live.geturl(), called, setting, headers, roams=not endpoint, **tls)  # type: ignore[arg-type]
    if not named.get("history_url"):
        return target, None
    past = check_url(named["history_url"], SCHEMES, "connection", typed=False)
    own = headers if origin(past) == origin(parts) else {}
    called = "the connection's history_url at " + shown(past, path=False)
    past = past._replace(netloc=_host(past), fragment="")
    return target, Target(past.geturl(), called, "connection", own, **tls)  # type: ignore[arg-type]


def _typed(url: str, endpoint: str, history_url: str) -> tuple[Target, Target | None]:
    if endpoint:
        raise BadSettings("endpoint", "endpoint is a path below a connection's url: write the whole address into url")
    if not url.strip():
        raise BadSettings(
            "url", "url is empty: write one such as https://example.org/data.json, or choose a connection"
        )

    def made(text: str, setting: str) -> Target:
        parts = check_url(text, SCHEMES, setting)
        return Target(parts._replace(fragment="").geturl(), shown(parts), setting)

    return made(url, "url"), made(history_url, "history_url") if history_url.strip() else None


def _named(properties: Properties) -> dict[str, str]:
    """The properties by name. Raises BadSettings for what is unknown or can't be sent."""
    named = {}
    for name, text in properties:
        value = str(text).strip()
        if name not in KNOWN and not (name.startswith(PREFIXES) and name.partition(".")[2]):
            known = ", ".join((*KNOWN, "headers.NAME", "params.NAME"))
            raise BadSettings("connection", f"{name[:40]!r} is no known property of an HTTP connection: use {known}")
        if name.startswith("headers."):
            header = name.removeprefix("headers.")
            if not _HEADER.fullmatch(header) or header.lower() in _TAKEN:
                raise BadSettings("connection", f"{name[:40]!r} can't be sent as a header: use another name")
            if not _can_be_sent(value):
                raise BadSettings("connection", f"{name[:40]} holds what no header may: write it in one line of ASCII")
        named[name] = value
    if named.get("verify", "").lower() in {"false", "0", "no"}:
        raise BadSettings(
            "connection",
            "verify is false, and certificates are always checked: name the file of the server's authority",
        )
    if named.get("verify", "").lower() == "true":
        named["verify"] = ""
    return named


def _headers(named: Mapping[str, str], parts: SplitResult) -> dict[str, str]:
    """What is sent along: the headers that are named, and the login."""
    headers = {name.removeprefix("headers."): text for name, text in named.items() if name.startswith("headers.")}
    login, token = named.get("basic_auth_user_info", ""), named.get("bearer_auth_token", "")
    if not login and parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    if sum((bool(login), bool(token), any(name.lower() == "authorization" for name in headers))) > 1:
        raise BadSettings("connection", "the connection has several logins: keep one of token, user and header")
    if not _can_be_sent(token):
        raise BadSettings("connection", "bearer_auth_token holds what no header may: write it in one line of ASCII")
    if login:
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    elif token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _can_be_sent(text: str) -> bool:
    return text.isascii() and (text.isprintable() or not text)


def _host(parts: SplitResult) -> str:
    """The host and port alone, without a login."""
    return parts.netloc.rpartition("@")[2]


def _below(parts: SplitResult, endpoint: str) -> SplitResult:
    """The address of what lies below it. Raises BadSettings where that would leave it.

    >>> from urllib.parse import urlsplit
    >>> _below(urlsplit("https://a.org/api?v=2"), "trades?limit=5").geturl()
    'https://a.org/api/trades?v=2&limit=5'
    """
    if not endpoint:
        return parts
    path, _, query = endpoint.strip().partition("?")
    plain = path
    for _ in range(3):  # however often it was encoded, some server decodes it as often
        plain = unquote(plain)
    steps = [each.partition(";")[0].strip() for each in plain.split("/")]
    strange = plain.startswith("//") or "://" in plain or not plain.isprintable()
    if strange or "\\" in plain or "#" in endpoint or {".", ".."} & set(steps):
        raise BadSettings(
            "endpoint", f"{endpoint[:40]!r} leads away from the connection's url: write a path below it, such as trades"
        )
    check_url(f"http://localhost/?{query}", SCHEMES, "endpoint")
    below = f"{parts.path.rstrip('/')}/{path.removeprefix('/')}"
    return parts._replace(path=below, query="&".join(filter(None, (parts.query, query))))
