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
from sources.registry_http import Question, strange
from sources.registry_properties import registry_urls

SCHEMAS = 1_000
"""How many schemas are remembered. A number never gets another schema, so they are for good."""

MISSING_S = 10.0
"""How long what is not there stays so: it may be on its way to this copy of the registry."""

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
        self._missing: dict[str, tuple[float, str]] = {}
        self._known = lru_cache(SCHEMAS)(self._fetch)

    @property
    def named(self) -> bool:
        """Whether the connection names a registry."""
        return bool(self._urls)

    def schema(self, number: int) -> Schema:
        """The schema of that number, asked for once.

        Raises ValueError where there is none, or none that can be used; a SourceError where no registry is named, or it
        does not answer, or it refuses the login. It can take some seconds to find that out.
        """
        return self._known(number)

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
            raise strange(", ".join(self._urls)) from None

    def _get(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The answer of the first address that gives one; what is not there is not asked for again for MISSING_S."""
        if not self._urls:
            raise BadSettings(
                "connection",
                "Messages carry the number of a schema, and no registry is named that knows it: "
                "add schema_registry_url to the connection.",
            )
        until, reason = self._missing.get(path, (0.0, ""))
        if time.monotonic() < until:
            raise ValueError(reason)
        away: list[Unreachable] = []
        for url in self._urls:
            try:
                return self._question.ask(url, path, parameters)
            except Unreachable as error:
                away.append(error)
            except ValueError as error:
                if len(self._missing) >= SCHEMAS:
                    self._missing.clear()
                self._missing[path] = (time.monotonic() + MISSING_S, str(error))
                raise
        raise away[0]
