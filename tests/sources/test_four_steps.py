"""The newcomer's path in CONTRIBUTING.md, walked as it is written: four steps, and a source of forty lines is on the page."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SECTION = re.compile(r"## Add your own source in four steps\n(.*?)\n## ", re.DOTALL)
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)

PAGE = """
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("streamlit_app.py", default_timeout=60)
app.query_params["source"] = "wakeups"
app.query_params["every"] = "0.1s"
app.run()
assert not app.exception, app.exception
assert app.selectbox(key="source-wakeups-every").value == "0.1s"
assert any("newest event 2" in each.value for each in app.caption), [each.value for each in app.caption]
"""


def blocks() -> list[str]:
    section = SECTION.search((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert section
    return BLOCK.findall(section[1])


def insert(path: Path, before: str, text: str) -> None:
    held = path.read_text("utf-8")
    assert held.count(before) == 1, f"{before!r} stands {held.count(before)} times in {path.name}"
    path.write_text(held.replace(before, text + before), "utf-8")


def passes(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.slow
def test_the_four_steps_lead_to_a_source_that_keeps_the_contract_and_is_on_the_page(tmp_path: Path) -> None:
    leave = shutil.ignore_patterns("__pycache__", ".git", ".venv", ".hypothesis", "*_cache", "browser", "kafka")
    shutil.copytree(ROOT, tmp_path / "copy", ignore=leave)
    copy = tmp_path / "copy"
    source, entry = blocks()
    assert len(source.splitlines()) <= 60

    (copy / "sources/wakeups.py").write_text(source, "utf-8")
    registry = copy / "sources/__init__.py"
    insert(registry, "from sources.websocket import", "from sources.wakeups import Wakeups\n")
    insert(registry, "Machine,", "Wakeups, ")
    promises = copy / "tests/sources/promises.py"
    insert(promises, "from sources.websocket import", "from sources.wakeups import Wakeups\n")
    insert(promises, '    "machine": Promise(', entry)

    checks = [
        "-m",
        "pytest",
        "-q",
        "-k",
        "wakeups or takes_part",
        "-p",
        "no:cacheprovider",
        "tests/sources/test_contract.py",
    ]
    passes([sys.executable, *checks], copy)
    passes([sys.executable, "-c", PAGE], copy)
    passes([sys.executable, "-m", "ruff", "check", "sources/wakeups.py", "sources/__init__.py"], copy)
    passes([sys.executable, "-m", "mypy", "sources/wakeups.py"], copy)
