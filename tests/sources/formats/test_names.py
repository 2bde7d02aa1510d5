"""The names that a link may hold are those of the formats there are, and cost the app's start nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from sources.errors import BadSettings
from sources.formats.every import FORMATS
from sources.formats.framed import framed_formats
from sources.formats.names import AUTO, NAMES, REGISTRY_FORMATS, check_format
from sources.registry import Registry


def test_every_format_is_named_in_order() -> None:
    assert tuple(FORMATS) == NAMES
    assert {each.name for each in framed_formats(Registry({}))} == set(REGISTRY_FORMATS)


@pytest.mark.parametrize("name", [AUTO, *NAMES, *REGISTRY_FORMATS])
def test_a_name_that_there_is_is_taken(name: str) -> None:
    check_format(name, registry=True)


@pytest.mark.parametrize("name", REGISTRY_FORMATS)
def test_a_format_that_needs_a_registry_is_refused_where_there_is_none(name: str) -> None:
    with pytest.raises(BadSettings, match=rf"'{name}' needs a schema registry: choose one of auto, .*text$"):
        check_format(name)


def test_another_name_is_refused_beside_its_setting() -> None:
    with pytest.raises(BadSettings, match=r"'xml' is no format: choose one of auto, otlp, .*, avro") as caught:
        check_format("xml", registry=True)
    assert caught.value.setting == "format"


def test_importing_the_sources_loads_no_format() -> None:
    program = "import sys, sources; print(*(each for each in sys.modules if each.startswith('sources.formats.')))"
    root = Path(__file__).parents[3]
    loaded = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    assert loaded.stdout.split() == ["sources.formats.names"]
