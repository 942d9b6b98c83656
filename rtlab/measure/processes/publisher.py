"""The publisher of an experiment: one line to the server for each event, when the clock says so.

Never when the one before has arrived: a generator that waits for a slow server hides its slowness (coordinated
omission). What is late because this process was late is told as its lag.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

import numpy as np

from rtlab.measure.processes.talk import hear, say

SPIN = 0.0005  # seconds before an event in which it looks at the clock instead of sleeping


def main(settings: dict[str, Any]) -> None:
    """Publish the schedule when told the moment to begin.

    `settings`: `feed` (the server's port for it) and `schedule`, a file of times (seconds), channels and sizes.
    """
    with np.load(settings["schedule"]) as schedule:
        times, channels, sizes = (schedule[name].tolist() for name in ("times", "channels", "sizes"))
    with socket.create_connection(("127.0.0.1", settings["feed"])) as feed:
        feed.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        say("ready")
        begin = hear()
        if begin is None:
            return
        ending = threading.Thread(target=_end_with_input, daemon=True)
        ending.start()
        lags = []
        for at, channel, size in zip(times, channels, sizes, strict=True):
            due = begin + at
            wait_until(due)
            feed.sendall(b"%s %d\n" % (channel.encode(), size))
            lags.append(time.monotonic() - due)
        say({"lag": float(np.quantile(lags, 0.99)) if lags else 0.0})
        ending.join()


def wait_until(moment: float) -> None:
    """Sleep until a moment of `time.monotonic()`, to a hundredth of a millisecond where the machine is idle."""
    if (left := moment - time.monotonic()) > SPIN:
        time.sleep(left - SPIN)
    while time.monotonic() < moment:
        pass


def _end_with_input() -> None:
    while hear() is not None:
        pass
    os._exit(0)
