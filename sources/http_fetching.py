"""What the thread of an HTTP reader does: asks on a schedule, or listens to a stream, and remembers what it needs to go on."""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sources.batch import PUSHED, Delivery
from sources.durations import parse_duration
from sources.errors import BadSettings, EndOfStream, Mendable, SourceError, Unreachable
from sources.formats.names import AUTO
from sources.http import Http
from sources.http_client import Answer, Client
from sources.http_errors import Busy, no_data, refusal
from sources.http_listening import STREAM, Listening
from sources.http_rows import rows_at
from sources.http_targets import Target, targets
from sources.messages import Message
from sources.receiver import Receiver

SLOW_S = 6.0
"""A server that was reached and has not answered by then is waited for by the board, not by its opening."""

ACCEPT = "application/json, text/csv, application/x-ndjson, text/plain;version=0.0.4;q=0.9, */*;q=0.5"
"""Prometheus' own text, because its newer one (OpenMetrics) is not read."""
_OK, _NO_CONTENT, _NOT_MODIFIED, _REFUSED = 200, 204, 304, 300


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer to one question.

    body           as it came, or as picked from it; empty where there was nothing
    at_us          when it was asked for: microseconds since the epoch
    where          who was asked, as it may be shown
    history        whether it is from history_url
    picked         whether the rows were picked from around them
    problem        why nothing can be picked from it; "" for nothing wrong
    away_since_us  when the answer before was asked for, if questions without an answer lie between; else 0
    """

    body: bytes
    at_us: int
    where: str
    history: bool = False
    picked: bool = False
    problem: str = ""
    away_since_us: int = 0


class Fetching:
    """Asks or listens until the receiver closes. Goes on after a failure where it stopped: see Receiver."""

    def __init__(self, settings: Http, client: Client) -> None:
        self._target, self._past = targets(settings.url, settings.endpoint, settings.history_url, settings.properties)
        self._items = settings.items
        self._updates = settings.updates
        self._client = client
        self._every_s = parse_duration(settings.every)
        self._interval_s = self._every_s
        self._due = 0.0
        self._answered_us = 0
        self._failed = False
        self._proven = False
        self._pushed = settings.updates == "push"
        self._listening = Listening(self._target)
        self._validators: tuple[str, Mapping[str, str], bytes] = ("", {}, b"")
        """Who gave them, what to send to be told that nothing has changed, and what that nothing is."""

    @property
    def name(self) -> str:
        """Who is asked, as it may be shown."""
        return self._target.shown

    @property
    def delivery(self) -> Delivery:
        """How events get here: where the server is slower than the interval, it is asked less often."""
        return PUSHED if self._pushed else Delivery(self._interval_s)

    def run(self, receiver: Receiver[Fetched | Message]) -> None:
        """See Receiver. Raises a SourceError."""
        receiver.cancel_with(self._client.close)
        patience = threading.Timer(SLOW_S, self._slow, (receiver,))
        patience.daemon = True
        if not self._proven:
            patience.start()
        try:
            if self._past is not None:
                self._read_history(self._past, receiver)
            if self._pushed:
                self._listen(receiver)
            else:
                self._ask_on(receiver)
        except Mendable:
            raise
        except SourceError as away:
            self._failed = True
            if isinstance(away, Busy):
                self._due = time.time() + max(away.wait_s, self._every_s)
            raise
        finally:
            patience.cancel()

    def _slow(self, receiver: Receiver[Fetched | Message]) -> None:
        if self._client.wire.opened:
            receiver.ready()

    def _read_history(self, target: Target, receiver: Receiver[Fetched | Message]) -> None:
        asked = time.time()
        with self._client.ask(target, {"Accept": ACCEPT}) as answer:
            if answer.status >= _REFUSED or answer.kind == STREAM:
                raise refusal(answer.status, target, proven=False, retry_after=answer.headers.get("Retry-After", ""))
            fetched = self._picked(self._client.body(answer, target), int(asked * 1e6), target, history=True)
        receiver.put_when_room(fetched, len(fetched.body))
        self._past = None

    def _ask_on(self, receiver: Receiver[Fetched | Message]) -> None:
        while not receiver.wait(max(0.0, self._due - time.time())):
            asked = time.time()
            headers = {"Accept": ACCEPT if self._updates == "poll" else f"{ACCEPT}, {STREAM}"}
            with self._client.ask(self._target, {**headers, **self._validators[1]}) as answer:
                if self._is_stream(answer):
                    self._pushed = self._proven = True
                    self._listening.hear(answer, self._client, receiver)
                    break
                body = self._body(answer)
            fetched = self._picked(body, int(asked * 1e6), self._target)
            self._proven, self._failed, self._answered_us = True, False, fetched.at_us
            receiver.put_when_room(fetched, len(fetched.body))
            receiver.ready()
            took = max(0.0, time.time() - asked)
            self._interval_s = self._every_s * max(1, math.ceil(took / self._every_s))
            self._due = (time.time() // self._every_s + 1) * self._every_s
        if self._pushed and not receiver.closed:
            self._listen(receiver)

    def _is_stream(self, answer: Answer) -> bool:
        """Whether the server has begun to send events. Raises BadSettings where that is not what was asked for."""
        if answer.status != _OK or answer.kind != STREAM:
            return False
        if self._updates == AUTO:
            return True
        raise BadSettings("updates", f"{self._target.shown} sends events by itself: choose push, or auto")

    def _body(self, answer: Answer) -> bytes:
        """The body of a good answer; that of the one before where nothing has changed. Raises a SourceError for others."""
        if answer.status == _NOT_MODIFIED and self._validators[0] == answer.url:
            return self._validators[2]
        if answer.status == _NO_CONTENT:
            return b""
        if answer.status >= _REFUSED:
            retry_after = answer.headers.get("Retry-After", "")
            raise refusal(answer.status, self._target, proven=self._proven, retry_after=retry_after)
        try:
            body = self._client.body(answer, self._target)
            strange = no_data(body, self._target)
            if strange is not None:
                raise strange
        except BadSettings as error:
            if self._proven:  # it has given data before: it may be having a bad time
                raise Unreachable(f"{error}. It has given data before: asking again.") from None
            raise
        given = {"If-None-Match": answer.headers.get("ETag"), "If-Modified-Since": answer.headers.get("Last-Modified")}
        sent = {name: text for name, text in given.items() if text}
        self._validators = (answer.url, sent, body) if sent else ("", {}, b"")
        return body

    def _picked(self, body: bytes, at_us: int, target: Target, *, history: bool = False) -> Fetched:
        """The answer, with the rows that were asked for. Raises BadSettings where the first one has none there."""
        away = self._answered_us if self._failed and not history else 0
        problem = ""
        picked = bool(self._items and body)
        if picked:
            try:
                body = rows_at(body, self._items)
            except ValueError as error:
                if not self._proven and not history:
                    raise BadSettings("items", f"{error}: name where the rows are, or leave it empty") from None
                problem = "" if history else str(error)
                picked = False
        return Fetched(body, at_us, target.shown, history, picked, problem, away)

    def _listen(self, receiver: Receiver[Fetched | Message]) -> None:
        """Hear a stream, and again when it has ended."""
        while not receiver.closed:
            if receiver.wait(max(self._listening.wait_s, self._due - time.time() if self._failed else 0.0)):
                return
            with self._client.ask(self._target, {"Accept": STREAM, **self._listening.headers}) as answer:
                if answer.status == _NO_CONTENT:
                    raise EndOfStream
                if answer.status >= _REFUSED:
                    retry_after = answer.headers.get("Retry-After", "")
                    raise refusal(answer.status, self._target, proven=self._proven, retry_after=retry_after)
                if answer.kind != STREAM:
                    self._refuse_to_listen(answer)
                self._proven, self._failed = True, False
                self._listening.hear(answer, self._client, receiver)

    def _refuse_to_listen(self, answer: Answer) -> None:
        kind = (answer.kind or "something")[:60]
        if self._proven:
            raise Unreachable(f"{self._target.shown} answers with {kind}, not with events as before: asking again.")
        raise BadSettings(
            "updates", f"{self._target.shown} answers with {kind}, not a stream of events ({STREAM}): choose poll"
        )
