"""A certificate authority of our own, with one certificate for the broker and one for a client, made by `openssl`."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """PEM files. The broker's is valid for `localhost` and 127.0.0.1."""

    authority: Path
    broker: Path
    """Key and chain in one file, as Kafka's PEM key store wants it."""
    client: Path
    client_key: Path
    stranger: Path
    """An authority that signed none of these."""


def make_certificates(folder: Path) -> Certificates:
    """Make all of them in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _authority(folder, "authority")
    _authority(folder, "stranger")
    for name in ("broker", "client"):
        _signed(folder, name)
    broker = folder / "broker.chain.pem"
    broker.write_text("".join((folder / name).read_text() for name in ("broker.key", "broker.pem", "authority.pem")))
    return Certificates(
        authority=folder / "authority.pem",
        broker=broker,
        client=folder / "client.pem",
        client_key=folder / "client.key",
        stranger=folder / "stranger.pem",
    )


KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _authority(folder: Path, name: str) -> None:
    _openssl(
        folder,
        *("req", "-x509", *KEY, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )


def _signed(folder: Path, name: str) -> None:
    (folder / f"{name}.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    _openssl(folder, "req", *KEY, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    _openssl(
        folder,
        *("x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"),
        *("-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem"),
    )


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(("openssl", *arguments), cwd=folder, check=True, capture_output=True, timeout=30)
