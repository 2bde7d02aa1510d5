"""docs/ERRORS.md has every message, and none that is no more."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.errors.messages import GAP, ROOT, TREE, messages, texts

SECTIONS = {
    "The page itself": (
        "state/feed.py",
        "state/stumbles.py",
        "views/troubles",
        "views/slot",
        "views/panel",
        "views/layout",
        "views/header",
    ),
    "Kafka": ("sources/kafka",),
    "Schema registry": ("sources/registry",),
    "HTTP": ("sources/http",),
    "WebSocket": ("sources/websocket",),
    "SQL": ("sources/sql",),
    "MQTT": ("sources/mqtt",),
    "Redis": ("sources/redis",),
    "NATS": ("sources/nats",),
    "Push": ("sources/push/",),
    "Replay, recordings, downloads": (
        "sources/replay",
        "sources/recording",
        "state/recorder",
        "state/saving",
        "state/download",
    ),
    "Simulated feed": ("sources/simulated",),
    "Messages that could not be read": ("sources/formats/",),
    "Any source": ("sources/",),
    "The link, the controls, saved boards": ("state/", "views/"),
}
"""Where the messages of which files stand: the first that fits."""

OURS = {f"state/{name}.py" for name in ("bins", "decimate", "density", "ring", "rollup", "roster", "series", "window")}
OURS |= {"views/still.py", "views/event_json.py"}
"""Files whose errors are for their callers, and are on no page."""

PATHS = sorted(
    path.relative_to(ROOT).as_posix() for room in ("sources", "state", "views") for path in (ROOT / room).rglob("*.py")
)


def section_of(path: str) -> str:
    return next(name for name, begins in SECTIONS.items() if path.startswith(begins))


def table() -> dict[str, list[str]]:
    """The patterns of each section's first column."""
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in (ROOT / "docs/ERRORS.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            rows = found[line[3:]] = []
        elif line.startswith("| `"):
            rows += [one or two for two, one in re.findall(r"`` ?(.+?) ?``|`(.+?)`(?!`)", line.split(" | ")[0])]
    return found


def says(message: str, pattern: str) -> bool:
    """Whether the message has the pattern's words in their order."""
    words = [re.escape(" ".join(each.split())) for each in pattern.split(GAP) if each.strip()]
    return bool(words) and re.search(".*?".join(words), message.replace(f"{GAP} ", GAP)) is not None


def said(section: str, read: Callable[[str], set[str]]) -> set[str]:
    """What `read` finds in the files of a section."""
    paths = (path for path in PATHS if path not in OURS and section_of(path) == section)
    return {text for path in paths for text in read(path)}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_table_has_every_message_and_none_that_is_no_more(section: str) -> None:
    patterns, told = table()[section], said(section, texts)
    missing = sorted(text for text in said(section, messages) if not any(says(text, each) for each in patterns))
    gone = sorted(pattern for pattern in patterns if not any(says(text, pattern) for text in told))
    assert not missing, "not in the table:\n" + "\n".join(missing)
    assert not gone, "said nowhere:\n" + "\n".join(gone)


def test_every_row_says_what_it_means_and_what_to_do() -> None:
    rows = [line for line in (ROOT / "docs/ERRORS.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    short = [row for row in rows if len(cells := row.strip("| ").split(" | ")) != 3 or not all(map(str.strip, cells))]
    assert short == []


def test_the_messages_are_found_wherever_they_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.errors.messages.ROOT", tmp_path)
    (tmp_path / "a.py").write_text(
        """
AWAY = "{at} is far away: check it."
CAUSES = {1: (Unreachable, AWAY), 2: (AuthFailed, "no entry: ask for it")}
def f(name, why):
    text = f"there is no {name}: write another"
    if why:
        raise BadSettings("a", "too short" if why else "far too long: " + why)
    self._say("failed", f"stopped: {why} it seems")
    return NotFound(text)
"""
    )
    assert messages("a.py") == {
        "… is far away: check it.",
        "no entry: ask for it",
        "there is no … : write another",
        "too short",
        "far too long: …",
        "stopped: … it seems",
    }


SAID_ELSEWHERE = {
    "Kafka at … has no topic … : …": "the topics that come near",
    "Redis at … has no stream … : … .": "the streams that come near",
    "The database at … has no table … : …": "the tables that come near",
    "The broker at …": "what it answered, with what to do",
    "there is no column … : … there are …": "the columns that are there",
    "history: …": "how to write a length of time",
    "… asks for a login (HTTP … ): … .": "where to put one",
    "… refused the login (… ): … .": "what to check",
}
"""Messages whose end is advice of another place."""


def test_every_message_of_a_source_says_what_to_do() -> None:
    advice = re.compile(r"[:;.,] [\w#+].*\w|again|://")
    paths = [path for path in PATHS if path.startswith("sources/") and "formats/" not in path]
    silent = {text for path in paths for text in messages(path, TREE) if not advice.search(text)}
    assert silent == set(SAID_ELSEWHERE)
