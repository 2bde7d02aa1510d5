"""Apache Kafka itself, fetched once from Maven Central into a cache folder."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.servers.or_skip import Unavailable

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>pulseboard</groupId>
  <artifactId>broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>[4.0,5)</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"""
"""The newest Kafka 4 there is, and a logger that writes to standard error."""

COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

FETCH_S = 300


def cache_folder() -> Path:
    return Path(os.environ.get("PULSEBOARD_CACHE", Path.home() / ".cache" / "pulseboard")) / "kafka"


def kafka_jars() -> Path:
    """The folder of Kafka's jars, fetched if need be. Raises Unavailable without Java, or without Maven and a cache."""
    if shutil.which("java") is None:
        raise Unavailable("no `java` on the path to run Apache Kafka with, and no KAFKA_BOOTSTRAP_SERVERS")
    jars = cache_folder() / "jars"
    if jars.is_dir():
        return jars
    if shutil.which("mvn") is None:
        raise Unavailable("no `mvn` on the path to fetch Apache Kafka with, and no KAFKA_BOOTSTRAP_SERVERS")
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        (Path(folder) / "pom.xml").write_text(POM)
        fetched = Path(folder) / "jars"
        maven = ["mvn", "--batch-mode", "--quiet", COPY_DEPENDENCIES, f"-DoutputDirectory={fetched}"]
        done = subprocess.run(maven, cwd=folder, capture_output=True, text=True, timeout=FETCH_S, check=False)
        if done.returncode != 0:
            raise Unavailable(f"Maven could not fetch Apache Kafka:\n{done.stdout[-2000:]}")
        try:
            fetched.rename(jars)  # at once, so that a fetch cut short is never taken for a whole one
        except OSError:
            if not jars.is_dir():  # else another process was quicker
                raise
    return jars
