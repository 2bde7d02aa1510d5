"""One real Kafka node on loopback, for tests and for trying things by hand.

    with KafkaBroker.start() as broker:
        broker.bootstrap      # plain text, anyone may read and write
        broker.sasl           # user name and password, or a token
        broker.tls            # encrypted; broker.mutual_tls asks for a client certificate too
        broker.sasl_tls       # encrypted, and a login by SCRAM-SHA-512 only

`python -m tests.kafka.broker` starts one, prints its addresses and keeps it until Ctrl-C.
"""

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from confluent_kafka.admin import AdminClient

from tests.kafka.certificates import Certificates, make_certificates
from tests.kafka.distribution import kafka_jars
from tests.servers.free_port import free_ports

USER = "alice"
PASSWORD = "alice-s3cret"  # noqa: S105 - a throw-away broker's

START_S = 60
LISTENERS = ("plain", "sasl", "tls", "mutual", "sasl_tls", "controller")

# A small heap that starts quickly: the first compiler tier is enough for a broker that lives for minutes.
JAVA = (
    "java",
    "-Xmx512m",
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)

# The short session lets a killed node register again at once; topics are created by any mention, so that a test of
# their refusal means something; timestamps may lie in any year.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAIN
listeners=PLAIN://127.0.0.1:{plain},SASL://127.0.0.1:{sasl},TLS://localhost:{tls},MUTUAL://localhost:{mutual},SASL_TLS://localhost:{sasl_tls},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,MUTUAL:SSL,SASL_TLS:SASL_SSL,CONTROLLER:PLAINTEXT
log.dirs={folder}/data

listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="{user}";
listener.name.sasl.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler
listener.name.sasl_tls.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_tls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;

ssl.keystore.type=PEM
ssl.keystore.location={certificates.broker}
ssl.truststore.type=PEM
ssl.truststore.location={certificates.authority}
listener.name.mutual.ssl.client.auth=required

broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
auto.create.topics.enable=true
message.max.bytes=16000000
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
log.message.timestamp.before.max.ms=9223372036854775807
log.message.timestamp.after.max.ms=9223372036854775807
"""


class KafkaBroker:
    """One KRaft node that can be killed and started again with what it held."""

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator["KafkaBroker"]:
        """A running broker in a folder of its own; both are gone afterwards. Raises Unavailable, which says why."""
        jars = kafka_jars()
        folder = Path(tempfile.mkdtemp(prefix="pulseboard-kafka-"))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, folder)
            broker = cls(jars, folder)
            stack.callback(broker.kill)
            broker.run()
            yield broker

    def __init__(self, jars: Path, folder: Path) -> None:
        """Format the storage in `folder`, with the one user there is."""
        self._jars = jars
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.certificates: Certificates = make_certificates(folder / "certificates")
        ports = dict(zip(LISTENERS, free_ports(len(LISTENERS)), strict=True))
        self.bootstrap = f"127.0.0.1:{ports['plain']}"
        self.sasl = f"127.0.0.1:{ports['sasl']}"
        self.tls = f"localhost:{ports['tls']}"
        self.sasl_tls = f"localhost:{ports['sasl_tls']}"
        self.mutual_tls = f"localhost:{ports['mutual']}"
        properties = PROPERTIES.format(
            folder=folder, user=USER, password=PASSWORD, certificates=self.certificates, **ports
        )
        (folder / "server.properties").write_text(properties)
        scram = [f"{each}=[name={USER},password={PASSWORD}]" for each in ("SCRAM-SHA-256", "SCRAM-SHA-512")]
        storage = ("format", "--cluster-id", "cHVsc2Vib2FyZC10ZXN0cw", "--config", str(folder / "server.properties"))
        users = [argument for each in scram for argument in ("--add-scram", each)]
        self._java("kafka.tools.StorageTool", *storage, *users).check_returncode()

    def run(self) -> None:
        """Start the node and wait until it serves. Raises RuntimeError with the end of its log if it does not."""
        log = (self._folder / "broker.log").open("ab")
        with log:
            command = self._command("kafka.Kafka", str(self._folder / "server.properties"))
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(Exception):  # not yet
                if client.list_topics(timeout=0.5).brokers:
                    return
        raise RuntimeError(f"the broker did not start:\n{self.log()[-4000:]}")

    def kill(self) -> None:
        """End the node as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def segment(self, topic: str) -> Path:
        """The file that holds the records of partition 0 of a young topic."""
        return self._folder / "data" / f"{topic}-0" / f"{0:020}.log"

    def log(self) -> str:
        """What the node has written so far."""
        return (self._folder / "broker.log").read_text(errors="replace")

    def _command(self, main: str, *arguments: str) -> tuple[str, ...]:
        return (*JAVA, "-cp", f"{self._jars}/*", main, *arguments)

    def _java(self, main: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._command(main, *arguments), cwd=self._folder, capture_output=True, timeout=START_S, check=False
        )


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the node ends with us
    with contextlib.suppress(KeyboardInterrupt), KafkaBroker.start() as running:
        print(f"Kafka at {running.bootstrap} (Ctrl-C ends it)", flush=True)  # noqa: T201 - the point of running it
        threading.Event().wait()
