"""The readers, one for each technique, all with the same face; and publishing."""

from rtlab.clients import pace
from rtlab.clients.connect import connect
from rtlab.clients.polling import AdaptivePolling, LongPolling, ShortPolling
from rtlab.clients.publish import Publisher, publish
from rtlab.clients.reader import Reader, Stats
from rtlab.clients.socket import WebSocket
from rtlab.clients.stream import ServerSentEvents

__all__ = [
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
