"""The example of named connections can be copied as it is: each is taken by its source."""

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from sources import SOURCES
from sources.connections import ADDRESSES, connections
from tests.sources.promises import PROMISES

EXAMPLE = tomllib.loads((Path(__file__).parent.parent.parent / ".streamlit/secrets.toml.example").read_text("utf-8"))


def test_there_is_one_for_each_source_that_has_connections() -> None:
    with_connections = {
        kind for kind, source in SOURCES.items() if any(each.name == "connection" for each in fields(source))
    }
    assert {table["type"] for table in EXAMPLE["connections"].values()} == with_connections


@pytest.mark.parametrize("name", EXAMPLE["connections"])
def test_a_connection_of_the_example_is_taken_and_shows_no_secret(name: str) -> None:
    kind = EXAMPLE["connections"][name]["type"]
    right = PROMISES[kind].right
    nowhere = dict.fromkeys(ADDRESSES & {each.name for each in fields(right)}, "")
    source = replace(right, **nowhere, connection=name, properties=connections(EXAMPLE, {}, kind)[name])
    assert "change" not in repr(source)
