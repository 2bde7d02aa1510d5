"""Events that are posted here over HTTP: a listener that the source opens and closes, and the command that posts to it."""

from sources.push.source import Push

__all__ = ["Push"]
