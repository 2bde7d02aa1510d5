"""What posts to a listener in tests: curl, the command, and bare sockets for what neither would do."""

import http.client
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sources.batch import Batch
from sources.protocol import Reader
from tests.servers.or_skip import skip

ROOT = Path(__file__).parents[2]
DEADLINE_S = 20.0
TOKEN = "0123456789abcdefghij"  # noqa: S105 - of tests alone
EVERYWHERE = "0.0.0.0"  # noqa: S104 - with a token

Open = Callable[..., Reader]
"""Opens a reader: its name, a connection's properties, other settings."""


def is_open(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S:.0f} s: {what}"
        time.sleep(0.005)


def curl(*arguments: str, body: bytes | None = None) -> tuple[int, str]:
    """The status and the text of one request; the status is 0 where there was no answer."""
    program = shutil.which("curl")
    if program is None:
        skip("curl is not installed")
    command = [program, "-sS", "-w", "\n%{http_code}", "--max-time", "15", *arguments]
    done = subprocess.run(command, input=body, capture_output=True, timeout=DEADLINE_S, check=False)
    text, _, status = done.stdout.decode().rpartition("\n")
    return int(status), text or done.stderr.decode()


def numbered(first: int, count: int) -> bytes:
    """So many JSON lines, with ascending numbers in `n`."""
    return b"".join(b'{"n": %d, "cpu": 0.5, "host": "web-%d"}\n' % (n, n % 5) for n in range(first, first + count))


def exchanged(port: int, *parts: bytes) -> bytes:
    """What is answered to bytes that are sent as they are, until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        try:
            while more := connection.recv(65_536):
                answer += more
        except ConnectionResetError:
            pass
        return answer


def url(port: int, name: str = "demo") -> str:
    return f"http://127.0.0.1:{port}/{name}"


def rows(batches: list[Batch]) -> list[dict[str, Any]]:
    return [row for batch in batches if len(batch) for row in batch.table.drop_columns("_timestamp").to_pylist()]


def post(port: int, body: bytes, *, name: str = "demo", content_type: str = "application/x-ndjson") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", f"/{name}", body, {"Content-Type": content_type})
    status = connection.getresponse().status
    connection.close()
    return status


def produce(port: int, count: int, *, first: int = 0) -> None:
    for start in range(first, first + count, 1000):
        some = min(1000, first + count - start)
        wait_until(lambda start=start, some=some: post(port, numbered(start, some)) == 204, "the post is accepted")
