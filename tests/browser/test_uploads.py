"""Files that a viewer uploads as recordings, the good and the bad."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.replay import Replay
from tests.browser import standing
from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard

DEMO = Path(__file__).parents[2] / "recordings" / "demo.parquet"
EVENTS = 400

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def board(open_board: OpenBoard) -> BoardPage:
    """The app, playing the demo."""
    board = open_board({"source": Replay.kind, "speed": "max", "views": "series,breakdown,events,health"})
    board.wait_for_board(("series", "breakdown", "events", "health"))
    return board


def upload(board: BoardPage, path: Path) -> None:
    board.sidebar().locator("input[type=file]").set_input_files(path)


def lines() -> list[str]:
    """A CSV of 400 s of two pumps, a line a second."""
    rows = [f"2026-05-01T12:{n // 60:02}:{n % 60:02}Z,pump-{n % 2},{n % 7 + 0.5}" for n in range(EVENTS)]
    return ["at,pump,pressure_bar", *rows]


def test_an_uploaded_csv_is_played_and_its_link_opens_it_for_others(
    board: BoardPage, open_board: OpenBoard, tmp_path: Path
) -> None:
    path = tmp_path / "pumps, of may.csv"
    path.write_text("\n".join(lines()))
    upload(board, path)
    board.wait("() => /recording=upload-[0-9a-f]{16}-pumps-of-may\\.csv/.test(location.search)")
    board.wait("count => document.querySelector('.st-key-pulse')?.innerText.includes(`events ${count} `)", EVENTS)
    assert board.pulse().newest == "2026-05-01T12:06:39.000Z"
    bars = ["pump-1", "pump-0"]
    assert sorted(board.panel("breakdown").locator(".pb-name").all_inner_texts()) == sorted(bars)
    other = open_board(board.page.url.split("?", 1)[1])
    other.wait("count => document.querySelector('.st-key-pulse')?.innerText.includes(`events ${count} `)", EVENTS)
    assert other.pulse().newest == board.pulse().newest


def truncated(folder: Path) -> Path:
    """A recording whose end is missing."""
    path = folder / "cut.parquet"
    path.write_bytes(DEMO.read_bytes()[:20_000])
    return path


def newer(folder: Path) -> Path:
    """A recording in a format of the future."""
    table = pq.read_table(DEMO)
    header = json.loads(pq.read_metadata(DEMO).metadata[b"pulseboard"])
    path = folder / "newer.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"pulseboard": json.dumps(header | {"version": 99})})
    return path


def foreign(folder: Path) -> Path:
    """A picture that says it is a table."""
    path = folder / "picture.parquet"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    return path


def empty(folder: Path) -> Path:
    path = folder / "nothing.csv"
    path.write_bytes(b"")
    return path


def no_rows(folder: Path) -> Path:
    path = folder / "no-rows.parquet"
    pq.write_table(pa.table({"at": pa.array([], pa.timestamp("us", "UTC")), "load": pa.array([], pa.float64())}), path)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (truncated, r"cut short"),
        (newer, r"newer Pulseboard \(format 99"),
        (foreign, r"no Parquet file"),
        (empty, r"the file is empty"),
        (no_rows, r"The feed has ended"),
    ],
)
def test_what_cannot_be_played_is_told_clearly_and_the_page_goes_on(
    make,
    words: str,
    board: BoardPage,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    upload(board, make(tmp_path))
    board.wait("words => new RegExp(words).test(document.querySelector('.stApp').innerText)", words)
    standing.wait_until_at_rest(board)
    assert board.page.locator("[data-testid=stException]").count() == 0
    assert "/pulseboard-uploads" not in board.page.locator(".stApp").inner_text()
    board.choose("Recording", "demo")
    board.wait_for_board(("series", "breakdown", "events", "health"))
    board.wait("() => Number(document.querySelector('.st-key-pulse').innerText.match(/events (\\d+)/)[1]) > 1000")
    board.wait_until_tidy()
