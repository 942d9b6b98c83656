"""The techniques by their short names, in the order in which they are shown side by side."""

from collections.abc import Mapping

TECHNIQUES = ("short", "adaptive", "long", "sse", "websocket")
"""Those that a reader can use: `rtlab.clients.READERS` has one for each."""

NAMES: Mapping[str, str] = {
    "short": "short polling",
    "adaptive": "adaptive polling",
    "long": "long polling",
    "sse": "server-sent events",
    "websocket": "WebSocket",
    "push": "push notification",
}
"""What each is called in a sentence, push notifications among them."""
