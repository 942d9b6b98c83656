"""rtlab: a laboratory for real-time communication on the web.

from rtlab import Lab, LongPolling

lab = Lab()
lab.publish("news", {"headline": "hello"})
with LongPolling(lab.channel("news"), after="start") as reader:
    print(next(reader.events()).data)
lab.space_time()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtlab.clients import (
        AdaptivePolling,
        LongPolling,
        Publisher,
        ServerSentEvents,
        ShortPolling,
        WebSocket,
        connect,
        pace,
        publish,
    )
    from rtlab.event import Event, Gap
    from rtlab.lab import Lab
    from rtlab.report.comparison import compare

__version__ = "0.1.0"

__all__ = [
    "AdaptivePolling",
    "Event",
    "Gap",
    "Lab",
    "LongPolling",
    "Publisher",
    "ServerSentEvents",
    "ShortPolling",
    "WebSocket",
    "compare",
    "connect",
    "pace",
    "publish",
]

_ROOMS = {  # the others: rtlab.clients
    "Event": "rtlab.event",
    "Gap": "rtlab.event",
    "Lab": "rtlab.lab",
    "compare": "rtlab.report.comparison",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used (PEP 562): the command line starts without the rooms it does not need."""
    if name not in __all__:
        raise AttributeError(f"module 'rtlab' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_ROOMS.get(name, "rtlab.clients")), name)
    return value


def __dir__() -> list[str]:
    return __all__
