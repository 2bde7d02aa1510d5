"""The listeners of this process: one for each address, opened with its first reader and closed with its last."""

import threading
import weakref

from sources.errors import BadSettings, Unreachable
from sources.push.address import Address
from sources.push.inbox import Inbox
from sources.push.listener import Listener
from sources.push.rate import Rate

MOST_NAMES = 50
"""So many names are posted to at a time, at one address."""

_listeners: dict[tuple[str, int], Listener] = {}
_lock = threading.Lock()


def listen(address: Address, name: str, inbox: Inbox, owner: object) -> Listener:
    """Have what is posted under a name put into an inbox too, until `leave`, or until there is no owner any more.

    Raises BadSettings or Unreachable where that can't be.
    """
    with _lock:
        listener = _listener(address)
        if name not in listener.inboxes and len(listener.inboxes) >= MOST_NAMES:
            raise Unreachable(
                f"{MOST_NAMES} names are watched at once, and no more can be: close a board of another name, then "
                "this one goes on by itself."
            )
        listener.rates.setdefault(name, Rate())
        listener.owners[inbox] = weakref.ref(owner)
        listener.inboxes[name] = (*listener.inboxes.get(name, ()), inbox)
        return listener


def leave(listener: Listener, inbox: Inbox) -> None:
    """Put nothing more into an inbox; where it was the last, the port is free soon. Safe to call twice, and from any thread."""
    with _lock:
        _forget(listener, inbox)
        ended = listener.ending
    if ended:
        listener.join()


def _listener(address: Address) -> Listener:
    """The one that listens there; a new one if none does. Called with the lock held."""
    place = (address.host, address.port)
    known = _listeners.get(place)
    if known is not None and not known.alive:
        known.join()
        del _listeners[place]
        known = None
    if known is None:
        known = _listeners[place] = Listener(address, _look)
    elif known.address != address:
        raise BadSettings(
            "connection",
            f"another connection listens at port {address.port} with another token or certificate: give each its own "
            "port",
        )
    return known


def _forget(listener: Listener, inbox: Inbox) -> None:
    """Called with the lock held."""
    if listener.owners.pop(inbox, None) is None:
        return
    inbox.close()
    for name, inboxes in list(listener.inboxes.items()):
        left = tuple(each for each in inboxes if each is not inbox)
        if left:
            listener.inboxes[name] = left
        else:
            del listener.inboxes[name], listener.rates[name]
    if not listener.inboxes:
        listener.stop()


def _look(listener: Listener) -> None:
    """Leave for the readers that their owners have forgotten to close."""
    # Whoever has the lock may wait for the listener's thread, which is this one.
    if _lock.acquire(blocking=False):
        try:
            for inbox in [inbox for inbox, owner in listener.owners.items() if owner() is None]:
                _forget(listener, inbox)
        finally:
            _lock.release()
