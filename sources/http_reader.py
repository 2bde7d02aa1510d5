"""Reading one address: what its thread has fetched, made into batches of what is new."""

import time
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import NO_ROWS, SAMPLE_BYTES, Batch, Delivery, Gap, Malformed
from sources.durations import parse_duration
from sources.http import Http
from sources.http_client import Client
from sources.http_fetching import Fetched, Fetching
from sources.http_histograms import Histograms
from sources.http_news import News
from sources.http_rows import around
from sources.messages import RECORD_TIME, Message, MessageDecoder
from sources.receiver import Receiver

HISTORY_ROWS = 20_000
"""History comes in batches of so many rows, so that it is seen to come."""


@dataclass
class _Series:
    """What is remembered of one address's answers: how they are written, and what they held."""

    decoder: MessageDecoder
    histograms: Histograms = field(default_factory=Histograms)
    last_body: bytes = b""
    spent: bool = False
    """Whether another answer such as the last has nothing to give."""


class HttpReader:
    """An opened address. Its thread asks, or listens; `poll` takes what has come."""

    def __init__(self, settings: Http, client: Client | None = None) -> None:
        """Wait for the first answer. Raises a SourceError with the cause if there is none."""
        self._client = client or Client()
        self._every_s = parse_duration(settings.every)
        self._fetching = Fetching(settings, self._client)
        # It keeps what it must remember over an outage itself, and tells its gaps: only it knows what came after one.
        self._receiver: Receiver[Fetched | Message] = Receiver(self._fetching.run, self._fetching.name, keeps=True)
        self._live = _Series(MessageDecoder(settings.format))
        self._history = _Series(MessageDecoder(settings.format))
        self._events = MessageDecoder(settings.format)
        self._news = News(settings.time, settings.zone)
        self._pending: deque[Fetched | Message] = deque()
        self._backlog: Batch | None = None
        self._gaps: tuple[Gap, ...] = ()
        self._asked_us = 0
        try:
            self._receiver.open()
        except BaseException:
            self._client.close()
            raise

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll."""
        if self._backlog is not None and not self._receiver.closed:
            return self._next_of_history(self._backlog)
        if not self._pending:
            received = self._receiver.take(timeout_s)
            self._pending.extend(received.items)
            self._gaps += received.gaps
        if self._receiver.closed:
            self._pending.clear()
            return Batch(NO_ROWS, time.time())
        gaps, self._gaps = self._gaps, ()
        first = self._pending[0] if self._pending else None
        if isinstance(first, Message):
            messages = []
            while self._pending and isinstance(self._pending[0], Message):
                messages.append(self._pending.popleft())
            return self._events.batch(messages, gaps=gaps)  # type: ignore[arg-type] # as the loop has asked
        if first is None:
            delivery = self._fetching.delivery
            return self._events.batch([], gaps=gaps) if not delivery.every_s else _empty(delivery, gaps)
        answers = []
        while self._pending and isinstance(each := self._pending[0], Fetched) and each.history == first.history:
            answers.append(each)
            self._pending.popleft()
        if not first.history:
            return self._of(answers, self._live, gaps)
        whole = self._of(answers, self._history, gaps)
        self._backlog = whole if len(whole) > HISTORY_ROWS else None
        return self._next_of_history(whole) if self._backlog else replace(whole, lag=self._waiting())

    def close(self) -> None:
        """See Reader.close."""
        self._receiver.close()
        self._client.close()

    def _next_of_history(self, rest: Batch) -> Batch:
        """The first rows of it; the others are kept, and wait."""
        part, others = rest.table.slice(0, HISTORY_ROWS), rest.table.slice(HISTORY_ROWS)
        self._backlog = replace(rest, table=others, malformed=0, samples=(), gaps=()) if len(others) else None
        lag = {"history": len(others)} if len(others) else self._waiting()
        return replace(rest, table=part, lag=lag)

    def _waiting(self) -> dict[str, int]:
        """Answers that wait behind the history: what is live comes at once then."""
        return {"answers": len(self._pending)} if self._pending else {}

    def _of(self, answers: list[Fetched], series: _Series, gaps: tuple[Gap, ...]) -> Batch:
        """What is new in answers to the same question, oldest first."""
        fresh = []
        told = list(gaps)
        for each in answers:
            same = series.spent and each.body == series.last_body
            if each.body and not each.problem and not same:
                fresh.append(each)
            elif each.away_since_us and not same:
                told.append(_away(each))
            if same:
                self._asked_us = each.at_us
        problems = [each for each in answers if each.problem]
        batch = series.decoder.batch([Message(each.body, each.at_us, where=each.where) for each in fresh])
        table = batch.table
        parts = []
        for each in fresh:
            own = table.filter(pc.equal(table[RECORD_TIME].cast(pa.int64()), each.at_us)) if len(table) else table
            parts.append(self._new(own, each, series, told, batch.reading.format if batch.reading else ""))
        whole = [each for each in parts if len(each)]
        samples = tuple(Malformed(each.problem, each.where, each.body[:SAMPLE_BYTES]) for each in problems[:5])
        return replace(
            batch,
            table=pa.concat_tables(whole, promote_options="permissive") if whole else NO_ROWS,
            malformed=batch.malformed + len(problems),
            samples=batch.samples + samples,
            gaps=tuple(told),
            delivery=self._fetching.delivery,
        )

    def _new(self, table: pa.Table, answer: Fetched, series: _Series, told: list[Gap], format: str) -> pa.Table:  # noqa: A002 - as in the link
        """The new rows of one answer; what was lost before it is told."""
        series.last_body, series.spent = answer.body, False
        before, self._asked_us = self._asked_us, answer.at_us
        if format == "prometheus" and "time" not in table.column_names:
            if answer.away_since_us:
                told.append(_away(answer))
            return series.histograms.quantiles(table)
        new = self._news.take(table, time.time(), () if answer.picked else around(answer.body))
        series.spent = new.events
        if answer.away_since_us and not new.goes_on:
            told.append(_away(answer))
        elif new.torn:
            why = "more came between two answers than one of them holds: ask more often, or for more at once"
            told.append(Gap(before or answer.at_us, answer.at_us, None, why))
        if len(new.rows) == len(table) and bool((np.diff(new.rows) == 1).all()):
            return table
        return table.take(pa.array(new.rows))


def _empty(delivery: Delivery, gaps: tuple[Gap, ...]) -> Batch:
    return Batch(NO_ROWS, time.time(), gaps=gaps, delivery=delivery)


def _away(answer: Fetched) -> Gap:
    return Gap(answer.away_since_us, answer.at_us, None, "it could not be asked")
