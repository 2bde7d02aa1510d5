"""A feed of posts, and the two commands that it invites to, exactly as printed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sources.push import Push
from sources.push.address import PORT, PORT_VARIABLE
from state.feed import Feed
from tests.push.senders import ROOT, curl, url, wait_until


@pytest.fixture
def feed(port: int) -> Iterator[Feed]:
    feed = Feed(Push(name="demo"))
    feed.start()
    feed.watch(0.1)
    wait_until(lambda: feed.status.state == "live", "the feed is live")
    yield feed
    feed.close()
    assert feed.join(20)


def test_both_commands_of_the_invitation_post_to_the_feed(feed: Feed, port: int, tmp_path: Path) -> None:
    assert curl(url(port, ""))[0] == 200
    assert isinstance(feed.source, Push)
    once, following = feed.source.invitation.splitlines()
    subprocess.run(once, shell=True, check=True, timeout=20)  # noqa: S602 - as a person types it
    wait_until(lambda: feed.seen == 1, "what was posted once has come")
    log = tmp_path / "x.log"
    log.write_text('{"cpu": 0.6}\n')
    environ = os.environ | {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    shell = subprocess.Popen(following, shell=True, cwd=tmp_path, env=environ, start_new_session=True)  # noqa: S602
    try:
        wait_until(lambda: feed.seen == 2, "what stands in the file has come")
        with log.open("a") as lines:
            lines.write('{"cpu": 0.7}\n')
        wait_until(lambda: feed.seen == 3, "what is added to the file has come")
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait(20)
    cpu = [value for span in feed.pull(0).spans for table in span.tables() for value in table["cpu"].to_pylist()]
    assert cpu == [0.5, 0.6, 0.7]
    assert feed.malformed == 0


def test_the_invitation_is_what_the_readme_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PORT_VARIABLE, raising=False)
    assert Push(name="demo").invitation.splitlines() == [
        f"curl -d '{{\"cpu\": 0.5}}' http://127.0.0.1:{PORT}/demo",
        "tail -f x.log | python -m sources.push demo",
    ]


def test_a_feed_that_is_closed_takes_no_posts(feed: Feed, port: int) -> None:
    assert curl("-d", "1", url(port))[0] == 204
    feed.close()
    assert feed.join(20)
    assert curl("-d", "1", url(port))[0] == 0
