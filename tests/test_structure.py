"""The floor plan's rules, read off the source text: who may import whom, and what may stand where."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent

ROOMS = ("sources", "state", "views", "streamlit_app")
"""Each may import itself and what is left of it."""

HOMES = {
    "streamlit": ("views/", "streamlit_app.py"),
    "altair": ("views/",),
    "vl_convert": ("views/exports/converter.py",),
    "kafka": ("sources/kafka",),
    "requests": ("sources/http", "sources/registry"),
    "fastavro": ("sources/formats/",),
    "google.protobuf": ("sources/formats/",),
    "websocket": ("sources/websocket",),
    "websockets": ("sources/websocket",),
    "sqlalchemy": ("sources/sql",),
    "psycopg": ("sources/sql",),
    "paho": ("sources/mqtt",),
    "redis": ("sources/redis",),
    "nats": ("sources/nats",),
    "psutil": ("sources/machine",),
    "starlette": ("sources/push/",),
    "uvicorn": ("sources/push/",),
    "msgpack": ("sources/formats/",),
    "prometheus_client": ("sources/formats/",),
    "line_protocol_parser": ("sources/formats/",),
    "datasketches": ("state/cardinality.py",),
}
"""How the paths begin where alone the app may import a library."""

CLIENTS = set(HOMES) - {"streamlit", "altair"}

FOLDERS = {
    "sources",
    "state",
    "views",
    "tests",
    "benchmarks",
    "docs",
    "boards",
    "recordings",
    ".streamlit",
    ".ci",
    ".github",
}

VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}

Check = Callable[[PurePosixPath, ast.Module], Iterator[str]]


def project_files() -> list[PurePosixPath]:
    """What git holds or would hold; where there is no git, what stands in the rooms and the folders."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        found = (path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        listed = [path.relative_to(ROOT).as_posix() for path in found]
        listed = [each for each in listed if not each.startswith(".") or each.split("/")[0] in FOLDERS]
    return [PurePosixPath(each) for each in listed if (ROOT / each).exists()]


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted module of each import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def room(path: PurePosixPath) -> str:
    return path.parts[0].removesuffix(".py")


def imports_run_one_way(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if room(path) not in ROOMS:
        return
    for line, module in imports(tree):
        top = module.split(".")[0]
        if top in ROOMS and ROOMS.index(top) > ROOMS.index(room(path)):
            yield f"{path}:{line} imports {module}: {room(path)} may not know {top}"
        if top in {"tests", "benchmarks"}:
            yield f"{path}:{line} imports {module}: the app may not know its tests"


def libraries_stay_at_home(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if room(path) not in ROOMS:
        return
    for line, module in imports(tree):
        homes = next((homes for library, homes in HOMES.items() if f"{module}.".startswith(f"{library}.")), ())
        if homes and not str(path).startswith(homes):
            yield f"{path}:{line} imports {module}, which belongs in {' or '.join(homes)} only"


def no_exception_is_swallowed(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            idle = all(isinstance(each, ast.Pass | ast.Continue) or is_constant(each) for each in node.body)
            if idle and caught in {"", "Exception", "BaseException"}:
                yield f"{path}:{node.lineno} swallows every exception: name the one that is expected, or let it pass on"


def is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def names_say_what_is_inside(path: PurePosixPath, _: ast.Module) -> Iterator[str]:
    vague = VAGUE & {part.removesuffix(".py").strip("_") for part in path.parts}
    if vague:
        yield f"{path} is named {vague.pop()}: name it after what it holds"


CHECKS = (
    imports_run_one_way,
    libraries_stay_at_home,
    no_exception_is_swallowed,
    names_say_what_is_inside,
)


@pytest.fixture(scope="module")
def modules() -> dict[PurePosixPath, ast.Module]:
    paths = [path for path in project_files() if path.suffix == ".py"]
    return {path: ast.parse((ROOT / path).read_text("utf-8"), str(path)) for path in paths}


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_keeps_to_its_rules(check: Check, modules: dict[PurePosixPath, ast.Module]) -> None:
    offences = [offence for path, tree in modules.items() for offence in check(path, tree)]
    assert not offences, "\n".join(offences)


def test_the_rules_see_every_room(modules: dict[PurePosixPath, ast.Module]) -> None:
    assert {"sources", "state", "views", "tests"} <= {room(path) for path in modules}


def test_importing_the_sources_loads_no_client_library() -> None:
    script = "import sys, sources; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    heavy = CLIENTS & set(loaded.split())
    assert not heavy, f"import {heavy} where the source is opened, not at the top of its file"


def strange_folders(paths: list[PurePosixPath]) -> set[str]:
    return {path.parts[0] for path in paths if len(path.parts) > 1} - FOLDERS


def test_there_are_no_other_folders_than_the_floor_plans() -> None:
    assert not strange_folders(project_files())


def test_another_folder_is_caught() -> None:
    assert strange_folders([PurePosixPath("lib/a.py"), PurePosixPath("views/a.py"), PurePosixPath("README.md")]) == {
        "lib"
    }


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (imports_run_one_way, "sources/a.py", "from state.window import Window"),
        (imports_run_one_way, "sources/deep/a.py", "import views.raw as raw"),
        (imports_run_one_way, "state/a.py", "def f():\n    from views import raw"),
        (imports_run_one_way, "views/a.py", "import streamlit_app"),
        (imports_run_one_way, "views/a.py", "from tests.sources import contract"),
        (libraries_stay_at_home, "state/a.py", "import streamlit as st"),
        (libraries_stay_at_home, "sources/a.py", "if True:\n    from streamlit.runtime import get_instance"),
        (libraries_stay_at_home, "streamlit_app.py", "import altair as alt"),
        (libraries_stay_at_home, "views/exports/drawing.py", "def f():\n    import vl_convert"),
        (libraries_stay_at_home, "sources/simulated.py", "def f():\n    from kafka import KafkaConsumer"),
        (libraries_stay_at_home, "sources/kafka.py", "import requests"),
        (libraries_stay_at_home, "state/kafka.py", "import kafka"),
        (libraries_stay_at_home, "sources/kafka_reader.py", "from fastavro import reader"),
        (libraries_stay_at_home, "sources/registry.py", "from google.protobuf import descriptor_pb2"),
        (no_exception_is_swallowed, "state/a.py", "try:\n    f()\nexcept Exception:\n    pass"),
        (no_exception_is_swallowed, "tests/a.py", "try:\n    f()\nexcept:\n    ..."),
        (
            no_exception_is_swallowed,
            "state/a.py",
            "for a in b:\n    try:\n        f()\n    except BaseException as e:\n        continue",
        ),
        (names_say_what_is_inside, "views/utils.py", ""),
        (names_say_what_is_inside, "tests/helpers/a.py", ""),
    ],
)
def test_an_offence_is_caught_and_named(check: Check, path: str, text: str) -> None:
    [offence] = check(PurePosixPath(path), ast.parse(text))
    assert offence.startswith(path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "views/a.py",
            "import streamlit as st\nimport altair\nfrom state import frame\nfrom sources.batch import Batch",
        ),
        ("streamlit_app.py", "import streamlit\nfrom views import raw"),
        ("sources/kafka.py", "def f():\n    from kafka import KafkaConsumer\ntry:\n    f()\nexcept OSError:\n    pass"),
        (
            "sources/kafka_errors.py",
            "from sources.errors import Unreachable\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import kafka",
        ),
        (
            "tests/browser/a.py",
            "import streamlit\nimport kafka\ntry:\n    f()\nexcept Exception:\n    raise SystemExit(1)",
        ),
    ],
)
def test_what_the_rules_allow_is_left_alone(path: str, text: str) -> None:
    assert [offence for check in CHECKS for offence in check(PurePosixPath(path), ast.parse(text))] == []
