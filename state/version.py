"""Which Pulseboard this is."""

from state.crash import ROOT

_CHANGES = ROOT / "CHANGELOG.md"
_HEAD = ROOT / ".git" / "HEAD"


def _newest() -> str:
    """The newest version that the list of changes names."""
    lines = _CHANGES.read_text("utf-8").splitlines() if _CHANGES.exists() else []
    return next((line.removeprefix("## ").lower() for line in lines if line.startswith("## ")), "of unknown version")


def _commit() -> str:
    """The commit of a checkout; "" where there is none, or where git has packed it away."""
    if not _HEAD.is_file():
        return ""
    head = _HEAD.read_text("utf-8").strip()
    named = _HEAD.parent / head.removeprefix("ref: ")
    return (named.read_text("utf-8") if named.is_file() else head if "ref:" not in head else "")[:10].strip()


VERSION = f"{_newest()} {_commit()}".strip()
"""As a person can look it up: `1.2.0`, or `unreleased 0e70f88c1a`."""
