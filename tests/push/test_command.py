"""The command that posts lines: none is lost, and what goes wrong is said once."""

import io
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sources.push import client
from sources.push import posts as posts_module
from tests.push.senders import EVERYWHERE, ROOT, TOKEN, Open, numbered, rows, wait_until
from tests.sources.contract import numbers_in, read


class Command:
    """The command with its pipe, and what it says."""

    def __init__(self, *arguments: str, environ: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | (environ or {}),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdin is not None
        self.pipe = self.process.stdin
        self.said = ""
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line.decode()

    def write(self, lines: bytes) -> None:
        self.pipe.write(lines)
        self.pipe.flush()

    def exit_code(self) -> int:
        code = self.process.wait(20)
        self._listening.join(20)
        return code

    def end(self) -> None:
        self.process.kill()
        self.process.wait(20)
        self._listening.join(20)
        self.pipe.close()
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture
def commands() -> Iterator[list[Command]]:
    running: list[Command] = []
    yield running
    for each in running:
        each.end()


FILE = str(ROOT / "sources/push/client.py")


def run(pipe: bytes, *arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """The exit code, and what was said, of the command within this process."""
    said = io.StringIO()
    code = client.main(arguments, os.environ | (environ or {}), io.BytesIO(pipe), said)
    return code, said.getvalue()


def test_each_line_of_a_pipe_is_an_event(open_push: Open) -> None:
    reader = open_push()
    assert run(b"".join(numbered(0, 1234).splitlines(keepends=True)), "demo") == (0, "")
    assert numbers_in(read(reader, 1234)) == list(range(1234))


def test_blank_lines_are_none_and_the_last_needs_no_end(open_push: Open) -> None:
    reader = open_push()
    assert run(b"up 1\r\n\n   \nup 2\n\nup 3", "demo") == (0, "")
    assert rows(read(reader, 3)) == [{"message": "up 1"}, {"message": "up 2"}, {"message": "up 3"}]


def test_a_line_comes_within_moments_though_the_pipe_stays_open(open_push: Open, commands: list[Command]) -> None:
    reader = open_push()
    commands.append(Command(FILE, "demo"))
    commands[0].write(b'{"n": 1}\n{"n"')
    assert numbers_in(read(reader, 1)) == [1]
    commands[0].write(b': 2}\n{"n": 3}')
    commands[0].pipe.close()
    assert numbers_in(read(reader, 2)) == [2, 3]
    assert commands[0].exit_code() == 0
    assert commands[0].said == ""


def test_the_file_alone_is_the_command(open_push: Open, commands: list[Command], tmp_path: Path, port: int) -> None:
    reader = open_push()
    alone = shutil.copy(FILE, tmp_path / "post.py")
    commands.append(Command("-I", "-S", str(alone), "demo", "--url", f"http://localhost:{port}/"))
    commands[0].write(b'{"n": 1}\n')
    commands[0].pipe.close()
    assert commands[0].exit_code() == 0, commands[0].said
    assert numbers_in(read(reader, 1)) == [1]


def test_it_waits_for_a_board_and_says_so_once(open_push: Open, commands: list[Command]) -> None:
    commands.append(Command(FILE, "demo"))
    commands[0].write(numbered(0, 10))
    wait_until(lambda: "waiting: nobody takes posts" in commands[0].said, "it says that it waits")
    other = open_push("other")
    wait_until(lambda: "?source=push&name=demo" in commands[0].said, "it says that nobody watches that name")
    reader = open_push()
    other.close()
    assert numbers_in(read(reader, 10)) == list(range(10))
    commands[0].write(numbered(10, 10))
    commands[0].pipe.close()
    assert numbers_in(read(reader, 10)) == list(range(10, 20))
    assert commands[0].exit_code() == 0
    assert commands[0].said.count("waiting: nobody takes posts") == 1
    assert commands[0].said.count("waiting: nobody watches") == 1
    assert commands[0].said.count("posting again") == 1


@pytest.mark.slow
def test_what_is_written_while_nobody_watches_is_there_when_somebody_does_again(
    open_push: Open, commands: list[Command]
) -> None:
    reader = open_push()
    commands.append(Command(FILE, "demo"))
    commands[0].write(numbered(0, 100))
    assert numbers_in(read(reader, 100)) == list(range(100))
    reader.close()
    commands[0].write(numbered(100, 100))
    commands[0].pipe.close()
    wait_until(lambda: "waiting" in commands[0].said, "it waits")
    assert numbers_in(read(open_push(), 100)) == list(range(100, 200))
    assert commands[0].exit_code() == 0


@pytest.mark.slow
def test_whoever_writes_to_the_pipe_waits_while_nobody_takes(commands: list[Command], port: int) -> None:
    """It holds a few megabytes at the most, however much there is."""
    commands.append(Command(FILE, "demo"))
    os.set_blocking(commands[0].pipe.fileno(), False)
    written = 0
    full_since = 0

    def is_full() -> bool:
        nonlocal written, full_since
        try:
            written += os.write(commands[0].pipe.fileno(), b"x" * 1000 + b"\n")
            full_since = 0
        except BlockingIOError:
            full_since += 1
        assert written < 8_000_000, "the pipe is never full"
        return full_since > 40 and "waiting" in commands[0].said

    wait_until(is_full, "the pipe is full")


@pytest.mark.parametrize("given", [None, "wrong-but-long-enough"])
def test_a_token_that_is_missing_or_wrong_ends_it_with_what_to_do(open_push: Open, given: str | None) -> None:
    open_push(properties=(("token", TOKEN), ("host", EVERYWHERE)))
    code, said = run(b"x" * 900_000, "demo", environ={client.TOKEN_VARIABLE: given} if given else None)
    assert code == 1
    assert client.TOKEN_VARIABLE in said
    assert given is None or given not in said


@pytest.mark.parametrize("variable", [client.TOKEN_VARIABLE, "MY_TOKEN"])
def test_the_token_comes_from_the_environment(open_push: Open, variable: str) -> None:
    reader = open_push(properties=(("token", TOKEN), ("host", EVERYWHERE)))
    assert run(b'{"n": 1}', "demo", "--token-env", variable, environ={variable: TOKEN}) == (0, "")
    assert numbers_in(read(reader, 1)) == [1]


def test_a_line_without_end_is_cut_off_and_counted(open_push: Open) -> None:
    reader = open_push()
    code, said = run(b"up 1\n" + b"x" * 3_000_000 + b"\nup 2\n", "demo")
    assert (code, said) == (0, "1 lines were cut off after 100,000 bytes.\n")
    assert [len(row["message"]) for row in rows(read(reader, 3))] == [4, client.LINE_BYTES, 4]


def test_what_is_too_much_for_one_post_goes_in_several(open_push: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts_module, "BODY_BYTES", 1000)
    reader = open_push()
    code, said = run(b"".join([numbered(0, 30), b"x" * 2000 + b"\n", numbered(30, 30)]), "demo")
    assert code == 1
    assert said == "1 lines were not delivered: each was too much for one post (HTTP 413).\n"
    assert numbers_in(read(reader, 60)) == list(range(60))


def test_ctrl_c_ends_it_at_once_and_quietly(commands: list[Command]) -> None:
    commands.append(Command(FILE, "demo"))
    commands[0].write(b"x\n")
    wait_until(lambda: "waiting" in commands[0].said, "it waits")
    commands[0].process.send_signal(signal.SIGINT)
    assert commands[0].exit_code() == client.INTERRUPTED
    assert "Traceback" not in commands[0].said
    assert commands[0].said.endswith("stopped: 0 lines were delivered.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("two words",), "NAME"),
        (("demo", "--url", "localhost:8502"), "--url"),
        (("demo", "--url", "http://localhost:port"), "--url"),
        (("demo", "--url", "http://user:hunter2@localhost"), client.TOKEN_VARIABLE),
        (("demo", "--url", "http://localhost/?token=hunter2"), client.TOKEN_VARIABLE),
    ],
)
def test_a_command_that_makes_no_sense_says_what_does(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(b"", *arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert told in said
    assert "hunter2" not in said


@pytest.mark.slow
def test_more_than_is_let_in_comes_all_the_same_in_its_order(open_push: Open) -> None:
    reader = open_push()
    count = 300_000
    outcome: list[tuple[int, str]] = []
    posting = threading.Thread(target=lambda: outcome.append(run(numbered(0, count), "demo")))
    posting.start()
    batches = read(reader, count)
    posting.join()
    assert numbers_in(batches) == list(range(count))
    assert outcome[0][0] == 0
    assert not [gap for batch in batches for gap in batch.gaps]
