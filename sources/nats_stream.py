"""What JetStream keeps: the stream that has a subject, and where in it to start."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from nats import errors

from sources.errors import AuthFailed, NotFound, SourceError, Unreachable, one_line
from sources.nats_connection import Connection, connected
from sources.nats_errors import explain
from sources.nats_servers import Servers
from sources.nats_subjects import covers
from sources.start import Start

IDLE_S = 60.0
"""A server forgets what it prepared for us when nobody has asked for so long."""
MOST_LISTED = 1_000
EACH_LISTED = 200
"""A stream with more subjects is listed with its wildcards."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """What a server has prepared for one reader: its name, how many events wait, how many of them to leave out."""

    name: str
    waiting: int
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """When a stream was made, in the server's words, and the numbers of its first and its last event."""

    created: str
    first: int
    last: int


class Streams:
    """The JetStream of one connection."""

    def __init__(self, connection: Connection, servers: Servers) -> None:
        domain = servers.properties.get("domain")
        self._connection = connection
        self._shown = servers.shown
        self.prefix = f"$JS.{domain}.API" if domain else "$JS.API"

    async def keeping(self, subject: str) -> str:
        """The name of the stream that keeps all of a subject for everybody; "" if none does, or there are no streams."""
        return next(
            (
                stream["config"]["name"]
                for stream in await self.all(subject)
                if stream["config"].get("retention", "limits") == "limits"
                and any(covers(pattern, subject) for pattern in stream["config"].get("subjects", ()))
            ),
            "",
        )

    async def all(self, subject: str = "") -> list[dict[str, Any]]:
        """What there is to know of each stream; only of those that have something of the subject, where one is given."""
        found: list[dict[str, Any]] = []
        while len(found) < MOST_LISTED:
            question: dict[str, Any] = {"offset": len(found)} | ({"subject": subject} if subject else {})
            try:
                answer = await self._connection.ask(f"{self.prefix}.STREAM.LIST", question)
            except (errors.NoRespondersError, TimeoutError):  # without JetStream, or for a user who may not ask
                return found
            if (problem := answer.get("error")) is not None:
                if problem.get("err_code") in _NO_STREAMS:
                    return found
                raise self._refused(problem)
            page = answer.get("streams") or []
            found += page
            if not page or len(found) >= answer.get("total", 0):
                break
        return found

    async def standing(self, stream: str) -> Standing:
        """How a stream stands."""
        told = await self._told(f"STREAM.INFO.{stream}")
        return Standing(str(told["created"]), max(1, int(told["state"]["first_seq"])), int(told["state"]["last_seq"]))

    async def subjects_of(self, stream: dict[str, Any]) -> list[str]:
        """The subjects that a stream has, or, where they are many, those it was made for."""
        config, state = stream["config"], stream.get("state", {})
        if 0 < state.get("num_subjects", 0) <= EACH_LISTED:
            told = await self._told(f"STREAM.INFO.{config['name']}", {"subjects_filter": ">"})
            return [*config.get("subjects", ()), *(told["state"].get("subjects") or {})]
        return list(config.get("subjects", ()))

    async def consumer(self, stream: str, subject: str, start: Start, standing: Standing) -> Consumer:
        """One that begins there."""
        match start.where:
            case "latest":
                return await self.consumer_at(stream, subject, standing.last + 1)
            case "earliest":
                return await self._made(stream, subject, {"deliver_policy": "all"})
            case "age":
                since = datetime.now(UTC) - timedelta(seconds=start.amount)
                return await self._made(
                    stream, subject, {"deliver_policy": "by_start_time", "opt_start_time": since.isoformat()}
                )
        return await self._last(stream, subject, int(start.amount), standing)

    async def consumer_at(self, stream: str, subject: str, sequence: int) -> Consumer:
        """One that begins with the event of that number, or the first behind it."""
        return await self._made(
            stream, subject, {"deliver_policy": "by_start_sequence", "opt_start_seq": max(1, sequence)}
        )

    async def _last(self, stream: str, subject: str, count: int, standing: Standing) -> Consumer:
        """One that begins so many events back: looked for, twice as far back each time, since only some are of the subject."""
        back = count
        while True:
            begin = max(standing.first, standing.last - back + 1)
            found = await self.consumer_at(stream, subject, begin)
            if found.waiting >= count or begin <= standing.first:
                return Consumer(found.name, found.waiting, max(0, found.waiting - count))
            await self._told(f"CONSUMER.DELETE.{stream}.{found.name}")
            back *= 2

    async def _made(self, stream: str, subject: str, begin: Mapping[str, Any]) -> Consumer:
        config = {
            "ack_policy": "none",
            "filter_subject": subject,
            "replay_policy": "instant",
            "inactive_threshold": int(IDLE_S * 1e9),
            "mem_storage": True,
            "num_replicas": 1,
            **begin,
        }
        told = await self._told(f"CONSUMER.CREATE.{stream}", {"stream_name": stream, "config": config})
        return Consumer(told["name"], int(told.get("num_pending", 0)))

    async def _told(self, path: str, question: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = await self._connection.ask(f"{self.prefix}.{path}", question)
        except (errors.NoRespondersError, TimeoutError):
            raise Unreachable(f"JetStream at {self._shown} does not answer: asking again.") from None
        if "error" in answer:
            raise self._refused(answer["error"])
        return answer

    def _refused(self, problem: Mapping[str, Any]) -> SourceError:
        said = one_line(str(problem.get("description", "")))
        match problem.get("code"):
            case 404:
                return NotFound(
                    f"JetStream at {self._shown} has it no more ({said}): check the subject, or open it again."
                )
            case 401 | 403:
                return AuthFailed(
                    f"JetStream at {self._shown} does not let this user read ({said}): ask for the permission."
                )
        return Unreachable(f"JetStream at {self._shown} can't answer for now ({said}): asking again.")


_NO_STREAMS = {10039, 10076}
"""Not enabled for this account, and not at all."""


def list_subjects(servers: Servers) -> list[str]:
    """The subjects that the servers' streams keep, sorted. Raises a SourceError, within about ten seconds."""

    async def listed() -> list[str]:
        async with connected(servers) as connection:
            streams = Streams(connection, servers)
            found: set[str] = set()
            for stream in await streams.all():
                if not stream["config"]["name"].startswith("OBJ_"):  # pieces of files
                    found.update(await streams.subjects_of(stream))
                if len(found) >= MOST_LISTED:
                    break
            return sorted(found)[:MOST_LISTED]

    async def bounded() -> list[str]:
        return await asyncio.wait_for(listed(), 9.0)

    try:
        return asyncio.run(bounded())
    except SourceError:
        raise
    except Exception as error:
        explained = explain(error, servers)
        if explained is None:
            raise
        raise explained from None
