"""Where events come from. Each source ends in the small protocol of `sources.protocol`."""

from sources.kafka import Kafka
from sources.protocol import Source
from sources.redis import Redis
from sources.replay import Replay
from sources.simulated import Simulated

SOURCES: dict[str, type[Source]] = {source.kind: source for source in (Simulated, Kafka, Redis, Replay)}
"""Every source by its name in the link."""
