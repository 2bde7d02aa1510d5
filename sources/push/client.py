"""Post lines from a pipe to a Pulseboard, each line an event:

    tail -f x.log | python -m sources.push NAME

No line is lost: while nobody takes them, none are read, so whatever writes them waits. A line whose answer was lost on the way
is sent again. This file needs Python's own library alone: copied to another machine, it works there as `python client.py NAME`.
"""  # noqa: D400 - the command stands below it

import argparse
import contextlib
import http.client
import io
import os
import queue
import re
import ssl
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TextIO
from urllib.parse import SplitResult, urlsplit

PORT_VARIABLE = "PULSEBOARD_PUSH_PORT"
TOKEN_VARIABLE = "PULSEBOARD_PUSH_TOKEN"  # noqa: S105 - the variable's name

LINE_BYTES = 100_000
"""Longer lines are cut off."""

BATCH_LINES = 500
BATCH_BYTES = 1_000_000
BATCH_S = 0.1
"""One post holds at most so many lines and bytes, and waits so long for them."""

READ_BYTES = 65_536
READ_AHEAD = 16
"""At most so many reads wait to be posted."""

ANSWER_S = 30.0
WAITS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits between two attempts; the last one repeats."""

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C has ended."""


class Refused(Exception):
    """Trying again changes nothing: the message says what to do."""


class Later(Exception):
    """Trying again may help.

    kind    what it is that is said once, however its details change meanwhile
    wait_s  how long to wait at the least
    """

    def __init__(self, kind: str, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.kind = kind
        self.wait_s = wait_s


@dataclass
class Lines:
    """What comes from a pipe, line by line: without blank ones, and never more than READ_AHEAD reads at once.

    cut  how many lines were longer than LINE_BYTES
    """

    pipe: io.RawIOBase | BinaryIO
    cut: int = 0
    _reads: "queue.Queue[bytes]" = field(default_factory=lambda: queue.Queue(READ_AHEAD))
    _begun: bytearray = field(default_factory=bytearray)
    _waiting: list[bytes] = field(default_factory=list)
    _ended: bool = False

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, name="read", daemon=True).start()

    def batches(self) -> Iterator[list[bytes]]:
        """Lines that came together, each batch as soon as it is full or BATCH_S old, until the pipe ends."""
        while not self._ended or self._waiting:
            batch: list[bytes] = []
            size, deadline = 0, 0.0
            while len(batch) < BATCH_LINES and size < BATCH_BYTES:
                if self._waiting:
                    batch.append(self._waiting.pop())
                    size += len(batch[-1])
                    deadline = deadline or time.monotonic() + BATCH_S
                elif self._ended or not self._wait(deadline):
                    break
            if batch:
                yield batch

    def _read(self) -> None:
        more: bytes | None = b"-"
        while more:
            try:
                more = self.pipe.read(READ_BYTES)  # of what has no buffer: what is there, without waiting for more
            except (OSError, ValueError):  # the terminal has gone, or the pipe was closed
                more = b""
            self._reads.put(more or b"")  # waits where nobody takes: so does whoever writes to the pipe

    def _wait(self, deadline: float) -> bool:
        """Take what was read next, waiting for it until the deadline; for ever where that is 0. False if nothing came."""
        while True:
            # Not without a timeout: on Windows Ctrl-C would not be heard.
            wait_s = max(0.0, deadline - time.monotonic()) if deadline else 1.0
            with contextlib.suppress(queue.Empty):
                self._split(self._reads.get(timeout=wait_s))
                return True
            if deadline:
                return False

    def _split(self, read: bytes) -> None:
        self._ended = not read
        *whole, rest = read.split(b"\n") if read else (b"", b"")
        lines = []
        for each in whole:
            self._keep(each)
            lines.append(bytes(self._begun[:LINE_BYTES]).strip(b"\r"))
            self.cut += len(self._begun) > LINE_BYTES
            self._begun.clear()
        self._keep(rest)
        self._waiting = [line for line in reversed(lines) if line.strip()]

    def _keep(self, part: bytes) -> None:
        """Of a line without end no more than tells that it is too long."""
        self._begun += part[: LINE_BYTES + 2 - len(self._begun)]


@dataclass
class Sender:
    """Posts batches to one address, again and again until each is taken."""

    url: SplitResult
    path: str
    token: str = field(repr=False)
    say: TextIO
    delivered: int = 0
    skipped: int = 0
    _connection: http.client.HTTPConnection | None = None
    _said: set[str] = field(default_factory=set)

    def deliver(self, lines: Sequence[bytes]) -> None:
        """Returns when the lines are taken. Raises Refused where they never will be."""
        attempt = 0
        while True:
            try:
                taken = self._post(lines)
            except Later as problem:
                if problem.kind not in self._said:
                    print(f"waiting: {problem}", file=self.say, flush=True)
                    self._said.add(problem.kind)
                time.sleep(max(problem.wait_s, WAITS_S[min(attempt, len(WAITS_S) - 1)]))
                attempt += 1
                continue
            break
        if self._said:
            print("posting again.", file=self.say, flush=True)
            self._said.clear()
        if taken:
            self.delivered += len(lines)
        elif len(lines) > 1:
            half = len(lines) // 2
            self.deliver(lines[:half])
            self.deliver(lines[half:])
        else:
            self.skipped += 1

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, lines: Sequence[bytes]) -> bool:
        """Whether the lines were taken: False if they are too much for one post. Raises Later or Refused."""
        headers = {"Content-Type": "text/plain; charset=utf-8", "Pulseboard-Retries": "yes"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        where = f"{self.url.scheme}://{self.url.netloc}"
        try:
            self._connection = self._connection or self._connect()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it heard all
                self._connection.request("POST", self.path, b"\n".join(lines), headers)
            answer = self._connection.getresponse()
            text = answer.read(10_000).decode(errors="replace").strip()
        except ssl.SSLCertVerificationError:
            self.close()
            raise Refused(
                f"the certificate of {where} is not to be trusted: name its authority's file in SSL_CERT_FILE."
            ) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            why = getattr(error, "strerror", "") or type(error).__name__
            raise Later("away", f"nobody takes posts at {where} ({why}). Open a board, or check --url.") from None
        if answer.will_close:
            self.close()
        return self._understood(answer.status, answer.getheader("Retry-After", ""), text)

    def _understood(self, status: int, retry_after: str, text: str) -> bool:
        where = f"{self.url.scheme}://{self.url.netloc}{self.path}"
        said = " ".join(re.sub(r"[^\x20-\x7e]", " ", text[:200]).split())
        match status:
            case 200 | 202 | 204:
                return True
            case 413:
                return False
            case 401:
                raise Refused(f"{where} wants a token that is right: put it into the environment as {TOKEN_VARIABLE}.")
            case 404:
                raise Later(
                    "unwatched",
                    f"nobody watches {where}. Open a board with ?source=push&name={self.path.split('/')[-1]}.",
                )
            case 408 | 425 | 429 | 500 | 502 | 503 | 504:
                wait_s = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
                raise Later("busy", f"{where} can't take more for now (HTTP {status}).", min(wait_s, 60.0))
        raise Refused(f"{where} refuses posts (HTTP {status}): {said or 'check --url'}")

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self.url.hostname or "", self.url.port
        if self.url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=ANSWER_S, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=ANSWER_S)


def main(
    arguments: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    pipe: BinaryIO | None = None,
    say: TextIO | None = None,
) -> int:
    """Post what comes from the pipe until it ends. The exit code: 0 if all was delivered, 1 if not, 2 for a wrong command."""
    say = say or sys.stderr
    options = _options(arguments, environ)
    # Without its buffer, whose lock the reading thread would hold when the program ends.
    lines = Lines(pipe or io.FileIO(sys.stdin.fileno(), closefd=False))
    path = f"{options.url.path.rstrip('/')}/{options.name}"
    sender = Sender(options.url, path, environ.get(options.token_env, "").strip(), say)
    code = 0
    try:
        lines.start()
        for batch in lines.batches():
            sender.deliver(batch)
    except KeyboardInterrupt:
        code = INTERRUPTED
        print(f"stopped: {sender.delivered:,} lines were delivered.", file=say)
    except Refused as problem:
        code = 1
        print(f"stopped after {sender.delivered:,} lines: {problem}", file=say)
    finally:
        sender.close()
    if lines.cut:
        print(f"{lines.cut:,} lines were cut off after {LINE_BYTES:,} bytes.", file=say)
    if sender.skipped:
        print(f"{sender.skipped:,} lines were not delivered: each was too much for one post (HTTP 413).", file=say)
    return code or int(sender.skipped > 0)


def _options(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> argparse.Namespace:
    usage = "tail -f x.log | python -m sources.push NAME"
    parser = argparse.ArgumentParser(
        "python -m sources.push", description=f"Post lines to a Pulseboard, each line an event: {usage}"
    )
    parser.add_argument("name", metavar="NAME", help="what the board watches: ?source=push&name=NAME")
    parser.add_argument(
        "--url",
        default=f"http://127.0.0.1:{environ.get(PORT_VARIABLE) or 8502}",
        help="where the board listens (default: %(default)s)",
    )
    parser.add_argument(
        "--token-env",
        default=TOKEN_VARIABLE,
        metavar="VARIABLE",
        help="the environment's variable that holds the token, if one is needed (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"(?!\.+$)[A-Za-z0-9._-]{1,100}", options.name):
        parser.error("NAME may have letters, digits, dots, dashes and underscores only")
    try:
        options.url = urlsplit(options.url)
        usable = options.url.scheme in ("http", "https") and options.url.hostname and options.url.port != 0
    except ValueError:  # a port that is no number
        usable = False
    if not usable:
        parser.error("--url is no address: write one such as http://127.0.0.1:8502")
    if options.url.username or options.url.password or options.url.query:
        parser.error(f"--url holds more than an address: put a token into {TOKEN_VARIABLE}")
    return options


if __name__ == "__main__":
    sys.exit(main())
