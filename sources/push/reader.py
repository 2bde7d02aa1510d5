"""What is posted under one name, as it comes."""

import threading
import time

from sources.batch import Batch, Gap
from sources.messages import Message, MessageDecoder
from sources.push.address import Address
from sources.push.inbox import Inbox
from sources.push.listeners import leave, listen


class PushReader:
    """Has its inbox filled by the listener of its address, which it shares with all other readers there."""

    def __init__(self, address: Address, name: str, format: str) -> None:  # noqa: A002 - as in the link
        """Listen. Raises BadSettings, or Unreachable while the port is taken."""
        self._address = address
        self._name = name
        self._decoder = MessageDecoder(format)
        self._inbox = Inbox()
        self._closed = threading.Event()
        self._listener = listen(address, name, self._inbox, self)

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll. Raises Unreachable if the listener has ended and its port is taken."""
        if not self._listener.alive and not self._closed.is_set():
            return self._listen_again()
        taken = self._inbox.take(timeout_s)
        messages = [Message(each, post.at_us) for post in taken.posts for each in post.messages]
        # What waits is told only while there is any, so that the feed reads on at once: what waits at the senders, nobody knows.
        lag = {self._name: taken.waiting} if taken.waiting else None
        return self._decoder.batch(messages, gaps=taken.gaps, lag=lag)

    def close(self) -> None:
        """See Reader.close."""
        self._closed.set()
        self._inbox.close()
        leave(self._listener, self._inbox)

    def _listen_again(self) -> Batch:
        ended_us = int(self._listener.ended_at * 1e6)
        self._listener = listen(self._address, self._name, self._inbox, self)
        if self._closed.is_set():  # meanwhile, by another thread
            leave(self._listener, self._inbox)
        gap = Gap(ended_us, int(time.time() * 1e6), None, "nothing could be posted: the listener had stopped")
        return self._decoder.batch([], gaps=(gap,))
