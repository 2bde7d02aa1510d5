"""Boards saved under a name: small TOML files that hold what their links hold, and so never a secret."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import tomli_w

from sources.whole_file import whole_file
from state.settings import quoted

FOLDER = Path(os.environ.get("PULSEBOARD_BOARDS") or Path(__file__).parent.parent / "boards")
"""Beside the app, so that boards are shared with it; elsewhere where the variable says so."""
MOST_BYTES = 64_000
"""A link is far shorter; whatever is longer is no board."""
MOST_DOTS = 2_000
"""In all of a board. The time that TOML takes to read grows with the square of the dots in a name."""
MOST_BOARDS = 500

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

Params = dict[str, list[str]]


def check_name(name: str) -> str:
    """The name, if it may be one. Raises ValueError for the user: it becomes a file's, so it may name no path."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{quoted(name)} is no board's name: use up to 64 letters, digits, dashes and underscores")
    return name


def board_names(folder: Path = FOLDER) -> list[str]:
    """The boards that are saved, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml") if _NAME.fullmatch(path.stem))


def load_board(name: str, folder: Path = FOLDER) -> Params:
    """A saved board as query parameters. Raises ValueError for the user where there is none, or none that can be read."""
    path = folder / f"{check_name(name)}.toml"
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES).decode()
        return _params(text)
    except FileNotFoundError:
        known = ", ".join(board_names(folder)[:10])
        raise ValueError(
            f"no board {quoted(name)} is saved here" + (f": choose one of {known}" if known else "")
        ) from None
    except OSError as error:
        raise ValueError(f"the board {quoted(name)} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the board {quoted(name)} can't be read: it is no TOML: {error}") from None


def _params(text: str) -> Params:
    _check_dots(text)
    table = tomllib.loads(text)
    return {
        key: [str(each) for each in (value if isinstance(value, list) else [value])] for key, value in table.items()
    }


def _check_dots(text: str) -> None:
    """Raise ValueError for the user where there are too many."""
    if text.count(".") > MOST_DOTS:
        raise ValueError(f"a board has {MOST_DOTS:,} dots at most: use shorter filters")


def board_toml(link: Mapping[str, str | list[str]]) -> str:
    """The file's text for a board with these query parameters.

    >>> print(board_toml({"source": "kafka", "where": ["host:eq:a"]}), end="")
    source = "kafka"
    where = [
        "host:eq:a",
    ]
    """
    return tomli_w.dumps(dict(link))


def save_board(name: str, link: Mapping[str, str | list[str]], folder: Path = FOLDER) -> None:
    """Save under a name, over what was saved under it. Raises ValueError for the user if that can't be done."""
    path = folder / f"{check_name(name)}.toml"
    text = board_toml(link).encode()
    if len(text) > MOST_BYTES:
        raise ValueError(f"the board is too long to be saved: {len(text):,} bytes, of {MOST_BYTES:,} at most")
    _check_dots(text.decode())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists() and len(board_names(folder)) >= MOST_BOARDS:
            raise ValueError(f"{MOST_BOARDS} boards are saved in {folder.name}/ already: save over one of them")
        with whole_file(path) as file:  # whoever opens the board meanwhile reads the old one or the new one
            file.write(text)
    except OSError as error:
        raise ValueError(f"the board can't be saved in {folder.name}/: {error.strerror}") from None
