"""The readers, one for each technique, all with the same face; and publishing."""

from collections.abc import Callable, Mapping

from rtlab.clients import pace
from rtlab.clients.connect import connect
from rtlab.clients.polling import AdaptivePolling, LongPolling, ShortPolling
from rtlab.clients.publish import Publisher, publish
from rtlab.clients.reader import Reader, Stats
from rtlab.clients.socket import WebSocket
from rtlab.clients.stream import ServerSentEvents

READERS: Mapping[str, Callable[..., Reader]] = {
    "short": ShortPolling,
    "adaptive": AdaptivePolling,
    "long": LongPolling,
    "sse": ServerSentEvents,
    "websocket": WebSocket,
}
"""The reader of each technique by its short name; all take a channel's URL, `after=`, `cacert=` and `token=`."""

__all__ = [
    "READERS",
    "AdaptivePolling",
    "LongPolling",
    "Publisher",
    "Reader",
    "ServerSentEvents",
    "ShortPolling",
    "Stats",
    "WebSocket",
    "connect",
    "pace",
    "publish",
]
