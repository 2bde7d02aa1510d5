"""Prometheus' node exporter on a free loopback port: counters, gauges and a summary of the machine the tests run on."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

from tests.servers.free_port import free_port
from tests.servers.or_skip import skip

NAMES = ("prometheus-node-exporter", "node_exporter")
START_S = 20.0


@contextlib.contextmanager
def node_exporter() -> Iterator[str]:
    """The address of its metrics. Skips the test where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        skip("no prometheus-node-exporter on the PATH: apt-get install prometheus-node-exporter")
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [program, f"--web.listen-address={address}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(address, process)
        yield f"http://{address}/metrics"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, f"the exporter has ended with {process.returncode}"
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens at {address}"
        else:
            return
