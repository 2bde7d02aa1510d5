"""Everything that a browser was sent of a page: its document, its files, and each message of its WebSocket."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, Response, WebSocket


@dataclass
class Wire:
    """What came to one page, since it was made; `everything` adds what stands on the page now."""

    page: Page
    messages: list[bytes] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    """What the page itself has sent."""
    responses: list[Response] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)
        self.page.on("response", lambda response: self.responses.append(response))  # noqa: PLW0108 - it takes no method
        self.page.on("console", lambda message: self.console.append(message.text))

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self.messages.append(_bytes(data)))
        socket.on("framesent", lambda data: self.said.append(_bytes(data)))

    def everything(self) -> bytes:
        """Messages, addresses, headers, the document and the page's text, one after the other."""
        parts = [*self.messages, *(text.encode() for text in self.console), self.page.url.encode()]
        for response in self.responses:
            parts.append(response.url.encode())
            parts.append(repr(response.headers).encode())
        parts += [self.page.content().encode(), self.page.evaluate("() => document.body.innerText").encode()]
        return b"\n".join(parts)


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
