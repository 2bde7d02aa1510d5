"""The lock names what the app needs and no more than that, and an audit that nobody answered is told from one that found nothing."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PINNED = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE)}


def asked_for() -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    return [Requirement(line) for line in lines if line]


@pytest.mark.parametrize("wanted", asked_for(), ids=lambda each: each.name)
def test_the_lock_has_a_version_of_each_requirement(wanted: Requirement) -> None:
    assert wanted.specifier.contains(PINNED[canonicalize_name(wanted.name)])


def test_every_package_of_the_lock_has_its_hashes_and_none_a_place_to_load_it_from() -> None:
    for block in re.split(r"\n(?=\S)", LOCK.strip()):
        if not block.startswith("#"):
            assert re.match(r"[\w.-]+==\S+( ;.*)? \\\n    --hash=sha256:[0-9a-f]{64}", block), block[:80]
    assert "://" not in LOCK
    assert "--index" not in LOCK


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_vulnerability_is_named_with_what_mends_it(audit: ModuleType) -> None:
    vulnerable = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    found, known = audit.verdict({"dependencies": [vulnerable, {"name": "b", "version": "3", "vulns": []}]})
    assert (found, known) == (["a 1: PYSEC-1 (mended in 2)"], 2)


def test_what_was_left_out_counts_as_unknown(audit: ModuleType) -> None:
    skipped = {"name": "a", "skip_reason": "Dependency not found on PyPI and could not be audited: a (1)"}
    assert audit.verdict({"dependencies": [skipped]}) == ([], 0)
    assert audit.verdict({}) == ([], 0)
