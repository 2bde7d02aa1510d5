"""One real Mosquitto on loopback, for tests and for trying things by hand.

    with Mosquitto.start() as broker:
        broker.url        # anyone may read and write
        broker.guarded    # a login, and rules for who may read what
        broker.tls        # encrypted; broker.mutual asks for a client certificate too

`python -m tests.servers.mosquitto` starts one, prints its address and keeps it until Ctrl-C.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.kafka.certificates import Certificates, make_certificates
from tests.servers.free_port import free_ports
from tests.servers.mosquitto_users import security
from tests.servers.or_skip import Unavailable, or_skip

USER, PASSWORD = "alice", "alice-s3cret"
BLIND = "bob"
"""May log in with the same password, and subscribe to `open/#` alone."""

START_S = 10

# What waits for a reader that is away is not bounded: the default, 1,000, is less than a second of a fast feed.
CONFIGURATION = """\
per_listener_settings true
persistence true
persistence_location {folder}/
autosave_interval 0
max_queued_messages 0
sys_interval 1
user root

listener {plain} 127.0.0.1
allow_anonymous true

listener {guarded} 127.0.0.1
plugin {plugin}
plugin_opt_config_file {folder}/security.json

listener {tls} 127.0.0.1
allow_anonymous true
cafile {certificates.authority}
certfile {certificates.broker}
keyfile {key}

listener {mutual} 127.0.0.1
allow_anonymous true
require_certificate true
cafile {certificates.authority}
certfile {certificates.broker}
keyfile {key}
"""


class Mosquitto:
    """A broker that can be killed, or ended in an orderly way, and started again with what it has saved."""

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator["Mosquitto"]:
        """A running broker in a folder of its own; both are gone afterwards. Raises Unavailable."""
        if shutil.which("mosquitto") is None:
            raise Unavailable("no mosquitto on the PATH: apt-get install mosquitto")
        folder = Path(tempfile.mkdtemp(prefix="pulseboard-mqtt-"))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, folder)
            broker = cls(folder)
            stack.callback(broker.kill)
            broker.run()
            yield broker

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.certificates: Certificates = make_certificates(folder / "certificates")
        ports = dict(zip(("plain", "guarded", "tls", "mutual"), free_ports(4), strict=True))
        self.port = ports["plain"]
        self.url = f"mqtt://127.0.0.1:{ports['plain']}"
        self.guarded = f"mqtt://127.0.0.1:{ports['guarded']}"
        self.tls = f"mqtts://localhost:{ports['tls']}"
        self.mutual = f"mqtts://localhost:{ports['mutual']}"
        (folder / "security.json").write_text(security({USER: (PASSWORD, ("#",)), BLIND: (PASSWORD, ("open/#",))}))
        plugin = next(Path("/usr/lib").rglob("mosquitto_dynamic_security.so"))
        key = folder / "certificates" / "broker.key"
        text = CONFIGURATION.format(folder=folder, plugin=plugin, certificates=self.certificates, key=key, **ports)
        (folder / "mosquitto.conf").write_text(text)

    def run(self) -> None:
        """Start it and wait until it accepts connections. Raises RuntimeError with its log if it does not."""
        with (self._folder / "log").open("ab") as log:
            command = ("mosquitto", "-c", str(self._folder / "mosquitto.conf"))
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                return
        raise RuntimeError(f"Mosquitto did not start:\n{self.log()[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in an orderly way: it saves the sessions and what waits in them."""
        self._end(signal.SIGTERM)

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_S)
            self._process = None


@contextlib.contextmanager
def mosquitto_or_skip() -> Iterator[Mosquitto]:
    """A running broker; where there is none, the test is skipped, or fails with REQUIRE_ALL=1."""
    with or_skip(Mosquitto.start()) as broker:
        yield broker


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the broker ends with us
    with contextlib.suppress(KeyboardInterrupt), Mosquitto.start() as running:
        print(f"MQTT at {running.url} (Ctrl-C ends it)", flush=True)  # noqa: T201 - the point of running it
        threading.Event().wait()
