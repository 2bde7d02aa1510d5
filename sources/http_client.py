"""One question to a web server: to the end of its redirects, within its time and size, and in nobody else's name.

A redirect is followed by hand: to an address that may be read, never from https to http, and a login or a header of the
connection stays with the scheme, host and port that it is for. No proxy, no .netrc and no cookie takes part.
"""

import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from sources.addresses import check_url
from sources.errors import BadSettings, SourceError, Unreachable
from sources.http_connection import CONNECT_S, GuardedAdapter, Wire
from sources.http_errors import explain, unreachable
from sources.http_targets import SCHEMES, Target, origin, shown

ANSWER_S = 30.0
"""How long an answer may take, from the question to its last byte."""

ANSWER_BYTES = 32_000_000
"""How long it may be, once unpacked."""

REDIRECTS = 5
AGENT = "Pulseboard"
PART_BYTES = 65_536
_MOVED = (301, 302, 303, 307, 308)
_FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, zlib.error)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as far as its headers.

    url    who has answered, after all redirects
    parts  gives the body's bytes as they come, unpacked. Raises a SourceError where it breaks off
    """

    status: int
    headers: Mapping[str, str]
    url: str
    parts: Callable[[], Iterator[bytes]]

    @property
    def kind(self) -> str:
        """Its content type, in small letters and without parameters; "" where it names none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class Client:
    """Asks for one reader, on one thread. Any thread may close it."""

    def __init__(self, answer_s: float = ANSWER_S) -> None:
        self.wire = Wire()
        self._answer_s = answer_s
        self._late = False
        # No session: it would read all of an answer that sends on, to prepare the question that we ask ourselves.
        self._adapter = GuardedAdapter()

    @contextmanager
    def ask(self, target: Target, headers: Mapping[str, str]) -> Iterator[Answer]:
        """The answer, whatever its status. Raises a SourceError, and Unreachable where it takes too long.

        headers  for whoever answers in the end; names that the target has too are the target's
        """
        self._late = False
        self.wire.asks()
        self.wire.setting, self.wire.shown = target.setting, target.shown
        watch = threading.Timer(self._answer_s, self._give_up)
        watch.daemon = True
        watch.start()
        response = None
        try:
            response, url = self._follow(target, headers)
            yield Answer(response.status_code, response.headers, url, lambda: self._parts(response, target, watch))
        finally:
            watch.cancel()
            if response is not None:
                response.close()
            self.wire.done()

    def body(self, answer: Answer, target: Target, most_bytes: int = ANSWER_BYTES) -> bytes:
        """All of an answer. Raises BadSettings where it is too long."""
        parts, size = [], 0
        for part in answer.parts():
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise BadSettings(
                    target.setting,
                    f"{target.shown} sends more than {most_bytes / 1e6:,.0f} MB at once: ask it for less, perhaps by a limit",
                )
        return b"".join(parts)

    def close(self) -> None:
        """End what it waits for, and let go of its connections. Safe to call twice and from any thread."""
        self.wire.end()
        self._adapter.close()

    def _give_up(self) -> None:
        self._late = True
        self.wire.cut()

    def _follow(self, target: Target, headers: Mapping[str, str]) -> tuple[Any, str]:
        """The answer of whoever answers in the end, and its address."""
        url, own = target.url, origin(urlsplit(target.url))
        for _ in range(REDIRECTS + 1):
            mine = target.headers if origin(urlsplit(url)) == own else {}
            response = self._get(
                url, target, {"User-Agent": AGENT, **headers, **mine, "Accept-Encoding": "gzip, deflate"}
            )
            location = response.headers.get("Location", "")
            if response.status_code not in _MOVED or not location:
                return response, url
            response.close()
            url = _next(url, location, target)
        raise BadSettings(
            target.setting, f"{target.shown} sends on and on, {REDIRECTS} times and more: check the address"
        )

    def _get(self, url: str, target: Target, headers: Mapping[str, str]) -> Any:
        """One answer, read as far as its headers."""
        for last in (False, True):
            before = self.wire.opened
            try:
                return self._adapter.send(
                    requests.Request("GET", url, headers).prepare(),
                    stream=True,
                    timeout=(CONNECT_S, self._answer_s + CONNECT_S),  # the watch is to be first
                    verify=target.verify or True,
                    cert=target.cert if len(target.cert) != 1 else target.cert[0],  # type: ignore[arg-type]
                )
            except SourceError:
                raise
            except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError):
                raise BadSettings(
                    target.setting, f"{target.shown} can't be asked: check how the address is written"
                ) from None
            except OSError as error:
                if not isinstance(
                    error, requests.RequestException
                ):  # what requests raises for a file that is not there
                    raise BadSettings(
                        "connection", f"{error}: check the paths of verify and cert".removeprefix("Could not find ")
                    ) from None
                # Of a connection that was kept, the server may have let go just now.
                if last or self._late or self.wire.opened > before:
                    raise self._explained(error, target) from None
        raise AssertionError

    def _parts(self, response: Any, target: Target, watch: threading.Timer) -> Iterator[bytes]:
        """The body as it comes. An event stream has no end, so no time in which it must have ended."""
        if response.headers.get("Content-Type", "").lower().startswith("text/event-stream"):
            watch.cancel()
        packed = response.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip", "deflate")
        unpacker = _Unpacker() if packed else None
        try:
            while part := response.raw.read1(PART_BYTES, decode_content=False):
                yield from unpacker.unpacked(part) if unpacker else (part,)
        except _FAILURES as error:
            raise self._explained(error, target) from None
        if self._late:
            raise self._explained(TimeoutError("timed out"), target)
        if unpacker and not unpacker.ended:
            raise unreachable(target, "broke its answer off")

    def _explained(self, error: Exception, target: Target) -> SourceError:
        if self._late:
            return Unreachable(
                f"{target.shown} did not end its answer within {self._answer_s:.0f} s: asking again. Ask it for less, perhaps by a limit."
            )
        if isinstance(error, zlib.error):
            return unreachable(target, "sent an answer that can't be unpacked")
        return explain(error, target)


class _Unpacker:
    """Unpacks gzip and deflate a piece at a time: a few bytes may stand for gigabytes."""

    def __init__(self) -> None:
        self._inflate: Any = None
        self._first = b""

    @property
    def ended(self) -> bool:
        """Whether all of it has come."""
        return self._inflate is None or bool(self._inflate.eof)

    def unpacked(self, part: bytes) -> Iterator[bytes]:
        """What is in the part, in pieces of PART_BYTES at most."""
        if self._inflate is None:
            self._first += part
            if len(self._first) < 2:  # noqa: PLR2004 - the bytes that tell
                return
            part = self._first
            wrapped = part.startswith(b"\x1f\x8b") or (part[0] & 15 == 8 and int.from_bytes(part[:2], "big") % 31 == 0)  # noqa: PLR2004 - zlib's own check
            self._inflate = zlib.decompressobj(32 + zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        while part and not self._inflate.eof:
            piece = self._inflate.decompress(part, PART_BYTES)
            part = self._inflate.unconsumed_tail
            if piece:
                yield piece
            elif not part:
                break


def _next(url: str, location: str, target: Target) -> str:
    """Where a redirect leads. Raises BadSettings where that may not be followed."""
    before = urlsplit(url)
    try:
        parts = check_url(urljoin(url, location), SCHEMES, target.setting, typed=False)
    except (BadSettings, ValueError):
        raise BadSettings(
            target.setting, f"{target.shown} sends on to what is no web address: check the address"
        ) from None
    to = shown(parts, path=False)
    if before.scheme == "https" and parts.scheme == "http":
        raise BadSettings(
            target.setting, f"{target.shown} sends on to {to}, where anyone could listen: give an address with https"
        )
    if not target.roams and origin(parts)[1] != origin(before)[1]:
        raise BadSettings(target.setting, f"{target.shown} sends on to {to}, another host: choose another endpoint")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
