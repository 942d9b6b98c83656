"""The publisher of an experiment: one line to the server for each event, when the clock says so.

Never when the one before has arrived: a generator that waits for a slow server hides its slowness (coordinated
omission). What is late because this process was late is told as its lag.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from rtlab.measure.processes.talk import hear, say


def main(settings: dict[str, Any]) -> None:
    """Publish the schedule when told the moment to begin.

    `settings`: `feed` (the server's port for it) and `schedule`, a file of times (seconds), channels and sizes.
    """
    with np.load(settings["schedule"]) as schedule:
        rows = zip(*(schedule[name].tolist() for name in ("times", "channels", "sizes")), strict=True)
        moments = [
            (at, [line(channel, size) for _, channel, size in of]) for at, of in groupby(rows, itemgetter(0))
        ]
    with socket.create_connection(("127.0.0.1", settings["feed"])) as feed:
        feed.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        say("ready")
        begin = hear()
        if begin is None:
            return
        ending = threading.Thread(target=_end_with_input, daemon=True)
        ending.start()
        lags = []
        for at, lines in moments:  # what is due together is written together, and appended in one turn
            due = begin + at
            time.sleep(max(0.0, due - time.monotonic()))
            feed.sendall(b"".join(lines))
            lags.append(time.monotonic() - due)
        say({"lag": float(np.quantile(lags, 0.99)) if lags else 0.0})
        ending.join()


def line(channel: str, size: int) -> bytes:
    """What the server is told of one event."""
    return b"%s %d\n" % (channel.encode(), size)


def _end_with_input() -> None:
    while hear() is not None:
        pass
    os._exit(0)
