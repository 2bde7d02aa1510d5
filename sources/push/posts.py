"""What is answered to a request: the application that the listener serves (ASGI 3).

POST /NAME   204 the events of the body are accepted, all of them; else nothing of it was taken:
             400 nothing that can be read · 401 no token · 403 of a browser's page · 404 nobody watches that name
             408 slow · 413 too much for one post · 415 an unknown encoding · 429 too much at a time, try again
GET /NAME    200 how to post
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from sources.push.address import Address
from sources.push.bodies import gunzipped, messages_of
from sources.push.inbox import Inbox, Post
from sources.push.rate import Rate
from sources.push.source import NAME
from sources.push.strangers import bears, is_addressed_to_this_machine, is_of_a_page

BODY_BYTES = 4_000_000
"""The most that one post may hold, also once unpacked."""

BODY_EVENTS = 50_000
"""The most messages that one post may hold."""

BODY_S = 30.0
"""How long a body may take to come."""

HELD_BYTES = 32_000_000
"""What the bodies that are on their way may hold together."""

RETRIES = b"pulseboard-retries"
"""The header of a sender that sends again what was refused for now, so that nothing is lost by it."""

Headers = Mapping[bytes, bytes]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a text for people and further headers.

    unread  whether the body was left where it is, so that the connection can't go on
    """

    status: int
    text: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    unread: bool = False


class Refused(Exception):
    """The request is not for us, or not for now."""

    def __init__(self, status: int, text: str, *headers: tuple[bytes, bytes], unread: bool = False) -> None:
        super().__init__(text)
        self.answer = Answer(status, text, headers, unread)


class Gone(Exception):
    """The sender went away before all was there."""


class Posts:
    """Takes posts for whoever watches their names.

    inboxes  name → those to whom its events go, now
    rates    name → how many events it may have
    """

    def __init__(self, address: Address, inboxes: Mapping[str, tuple[Inbox, ...]], rates: Mapping[str, Rate]) -> None:
        self._address = address
        self._inboxes = inboxes
        self._rates = rates
        self._held = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            answer = await self._answer(scope, dict(scope["headers"]), receive)
        except Refused as refused:
            answer = refused.answer
        except Gone:
            return
        body = f"{answer.text}\n".encode()
        said = [*answer.headers, (b"cache-control", b"no-store")]
        if answer.status != NO_CONTENT:
            said += [(b"content-length", str(len(body)).encode()), (b"content-type", b"text/plain; charset=utf-8")]
        if answer.unread:
            said.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": said})
        await send({"type": "http.response.body", "body": b"" if answer.status == NO_CONTENT else body})

    async def _answer(self, scope: Message, headers: Headers, receive: Receive) -> Answer:
        self._know(headers)
        name = scope["path"][1:]
        if scope["method"] in ("GET", "HEAD"):
            return self._how(name)
        self._check(scope, name)
        messages = messages_of(await self._body(headers, receive), headers.get(b"content-type", b"").decode("latin-1"))
        if not messages:
            raise Refused(400, "The body is empty: post an event.")
        if len(messages) > BODY_EVENTS:
            raise _large()
        self._deliver(name, messages, loss=RETRIES not in headers)
        return Answer(NO_CONTENT)

    def _know(self, headers: Headers) -> None:
        """Refuse strangers."""
        if self._address.token:
            if not bears(headers, self._address.token):
                text = "A token is needed: send the header Authorization: Bearer TOKEN."
                raise Refused(401, text, (b"www-authenticate", b"Bearer"), unread=True)
        elif is_of_a_page(headers):
            raise Refused(403, "Pages in a browser can't post here: post from a program.", unread=True)
        elif not is_addressed_to_this_machine(headers):
            raise Refused(403, "Only localhost can be posted to without a token: use that name.", unread=True)

    def _check(self, scope: Message, name: str) -> None:
        """Refuse what needs no look at the body."""
        if scope["method"] != "POST":
            raise Refused(405, "Events are posted: use POST.", (b"allow", b"GET, HEAD, POST"), unread=True)
        if scope["query_string"]:  # not repeated: it may be a secret
            text = "Nothing can stand after the name: put a token into the header Authorization."
            raise Refused(400, text, unread=True)
        if not NAME.fullmatch(name):
            raise Refused(404, "Post to a name of letters, digits, dots, dashes, underscores: /NAME.", unread=True)
        if not self._inboxes.get(name):
            raise _nobody(name, unread=True)

    def _how(self, name: str) -> Answer:
        if not name:
            return Answer(200, "Pulseboard listens: post events to /NAME while a board of that name is open.")
        if not NAME.fullmatch(name):
            return Answer(404, "There is nothing here.")
        url = f"{self._address.url}/{name}"
        return Answer(
            200, f"Post events here while a board of this name is open:\n    curl -d '{{\"cpu\": 0.5}}' {url}"
        )

    def _deliver(self, name: str, messages: tuple[bytes, ...], *, loss: bool) -> None:
        """Accept all of them, or none.

        Nothing else adds to the inboxes between the look and the offer: this thread alone does.
        """
        inboxes, rate = self._inboxes.get(name, ()), self._rates.get(name)
        post = Post(time.time_ns() // 1000, messages)
        size = post.size
        if rate is not None and not (all(each.has_room(post, size) for each in inboxes) and rate.take(len(messages))):
            if loss:
                for each in inboxes:
                    each.refused()
            raise _later("The board can't keep up: post fewer events, or post this again in a moment.")
        if not sum(each.offer(post, size) for each in inboxes):
            raise _nobody(name)

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        """The whole body, unpacked. Raises Refused or Gone."""
        encoding = headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding not in (b"identity", b"gzip"):
            raise Refused(415, "This encoding is not read: send it plain, or as gzip.", unread=True)
        if int(headers.get(b"content-length", b"0")) > BODY_BYTES:  # the protocol has seen that it is a number
            raise _large(unread=True)
        body = await self._received(receive)
        if encoding == b"identity":
            return body
        try:
            plain = gunzipped(body, BODY_BYTES)
        except ValueError as error:
            raise Refused(400, f"The body is {error}: check how it was packed.") from None
        if plain is None:
            raise _large()
        return plain

    async def _received(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        held = 0
        try:
            async with asyncio.timeout(BODY_S):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Gone
                    parts.append(message["body"])
                    held += len(parts[-1])
                    self._held += len(parts[-1])
                    if held > BODY_BYTES:
                        raise _large(unread=True)
                    if self._held > HELD_BYTES:
                        raise _later("Too much is being posted: post this again in a moment.", unread=True)
                    if not message["more_body"]:
                        return b"".join(parts)
        except TimeoutError:
            raise Refused(408, f"The body took longer than {BODY_S:.0f} s: post less at a time.", unread=True) from None
        finally:
            self._held -= held


def _nobody(name: str, *, unread: bool = False) -> Refused:
    return Refused(404, f"No board watches {name}: open one with ?source=push&name={name}, then post.", unread=unread)


def _large(*, unread: bool = False) -> Refused:
    most = f"{BODY_BYTES:,} bytes and {BODY_EVENTS:,} events"
    return Refused(413, f"That is too much for one post: send at most {most} at a time.", unread=unread)


def _later(text: str, *, unread: bool = False) -> Refused:
    return Refused(429, text, (b"retry-after", b"1"), unread=unread)
