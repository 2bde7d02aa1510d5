"""Feeds of every source that has a counterpart, watched for some seconds while nobody answers; what is logged is the output.

python tests/operations/away_feeds.py SECONDS
"""

import sys
import threading

from sources.http import Http
from sources.kafka import Kafka
from sources.mqtt import Mqtt
from sources.nats import Nats
from sources.protocol import Source
from sources.redis import Redis
from sources.sql import Sql
from sources.websocket import WebSocket
from state.feeds import Feeds
from state.logs import set_up_logs
from state.reports import report_every_minute

NOBODY = "127.0.0.1:1"
"""A port that nothing listens on, and nothing can."""
SECRET = "s3cret-word"  # noqa: S105 - of nobody
SOURCES: tuple[Source, ...] = (
    Kafka(
        topic="metrics",
        connection="away",
        properties=(
            ("bootstrap_servers", NOBODY),
            ("security_protocol", "SASL_PLAINTEXT"),
            ("sasl_mechanism", "PLAIN"),
            ("sasl_plain_username", "me"),
            ("sasl_plain_password", SECRET),
        ),
    ),
    Http(connection="away", properties=(("url", f"http://{NOBODY}/"), ("bearer_auth_token", SECRET))),
    WebSocket(connection="away", properties=(("url", f"ws://{NOBODY}/"), ("bearer_auth_token", SECRET))),
    Sql(table="metrics", connection="away", properties=(("url", f"postgresql://me:{SECRET}@{NOBODY}/metrics"),)),
    Mqtt(topic="#", connection="away", properties=(("url", f"mqtt://me:{SECRET}@{NOBODY}"),)),
    Redis(channel="metrics", connection="away", properties=(("url", f"redis://me:{SECRET}@{NOBODY}"),)),
    Nats(topic="metrics.>", connection="away", properties=(("url", f"nats://me:{SECRET}@{NOBODY}"),)),
)

if __name__ == "__main__":
    set_up_logs()
    feeds = Feeds(idle_s=600)
    report_every_minute(feeds)
    for source in SOURCES:
        feeds.feed(source).watch(1.0)
    threading.Event().wait(float(sys.argv[1]))
