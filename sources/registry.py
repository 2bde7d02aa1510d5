"""A client of a schema registry: which schema the number in a message stands for.

    GET /schemas/ids/{id}                        the schema, and what it refers to
    GET /schemas/ids/{id}?format=serialized      for Protobuf, as a base64 FileDescriptorProto
    GET /subjects/{subject}/versions/{version}   what is referred to

The routes are those of Confluent's documentation ("Schema Registry API Reference"), which other registries offer too.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from sources.errors import BadSettings, Unreachable
from sources.registry_http import Question
from sources.registry_properties import registry_urls

SCHEMAS = 1_000
"""How many schemas are remembered. A number never gets another schema, so they are for good."""

MISSING_S = 10.0
"""How long a schema that can't be had stays so: it may be on its way to this copy of the registry."""

MISSES = 20
"""So many schemas that can't be had within MISSING_S, and no other is asked for: the numbers are likely none."""

REFERENCES = 200
"""The most schemas that one refers to, directly or not."""


@dataclass(frozen=True, slots=True)
class Schema:
    """One registered schema.

    kind        AVRO, PROTOBUF or JSON
    text        as it was registered; for PROTOBUF a base64 FileDescriptorProto
    references  (name, text) of all that it refers to, each after those that it refers to itself; none for JSON
    """

    kind: str
    text: str
    references: tuple[tuple[str, str], ...] = ()


class Registry:
    """The registry of one connection. One thread asks it; no connection is kept open."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        """The connection's properties, checked; without a schema_registry_url, asking raises BadSettings."""
        self._urls = registry_urls(properties)
        self._question = Question(properties)
        self._missing: dict[int, tuple[float, str]] = {}
        self._known = lru_cache(SCHEMAS)(self._ask)

    @property
    def named(self) -> bool:
        """Whether the connection names a registry."""
        return bool(self._urls)

    def schema(self, number: int) -> Schema:
        """The schema of that number, asked for once.

        Raises ValueError where there is none, or none that can be used, and does not ask for it again for MISSING_S; a
        SourceError where no registry is named, or it does not answer, or it refuses the login. It can take some seconds
        to find that out.
        """
        return self._known(number)

    def _ask(self, number: int) -> Schema:
        """See schema."""
        now = time.monotonic()
        self._missing = {each: (until, reason) for each, (until, reason) in self._missing.items() if now < until}
        if number in self._missing:
            raise ValueError(self._missing[number][1])
        if len(self._missing) >= MISSES:
            raise ValueError(
                f"schema {number} is unknown, and not asked for while {MISSES} others could not be had: "
                "check that the messages are framed, and meant for this registry"
            )
        try:
            return self._fetch(number)
        except ValueError as error:
            self._missing[number] = (time.monotonic() + MISSING_S, str(error))
            raise

    def _fetch(self, number: int) -> Schema:
        path, variant = f"/schemas/ids/{number}", {}
        answer = self._get(path, {})
        kind = str(answer.get("schemaType") or "AVRO")
        if kind == "PROTOBUF":
            variant = {"format": "serialized"}
            answer = self._get(path, variant)
        references = () if kind == "JSON" else self._referred(answer, variant)
        return Schema(kind, answer["schema"], references)

    def _referred(self, answer: Mapping[str, Any], variant: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """See Schema.references."""
        found: dict[str, str] = {}
        entered: dict[str, str] = {}
        pending = self._references(answer)
        while pending:
            name, path = pending[-1]
            if name in entered:  # and so has been all that it refers to
                found.setdefault(name, entered[name])
                pending.pop()
            elif len(entered) >= REFERENCES:
                raise ValueError(f"its schema refers to more than {REFERENCES} others")
            else:
                referred = self._get(path, {"deleted": "true", **variant})
                entered[name] = referred["schema"]
                pending += self._references(referred)
        return tuple(found.items())

    def _references(self, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Name and path of what is referred to, the last one first."""
        try:
            return [
                (str(each["name"]), f"/subjects/{quote(str(each['subject']), safe='')}/versions/{int(each['version'])}")
                for each in reversed(answer.get("references") or [])
            ]
        except (KeyError, TypeError, ValueError):
            raise ValueError("what its schema refers to is not said as a registry would") from None

    def _get(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The answer of the first address that gives one."""
        if not self._urls:
            raise BadSettings(
                "connection",
                "Messages carry the number of a schema, and no registry is named that knows it: "
                "add schema_registry_url to the connection.",
            )
        away: list[Unreachable] = []
        for url in self._urls:
            try:
                return self._question.ask(url, path, parameters)
            except Unreachable as error:
                away.append(error)
        raise away[0]
