"""`python -m rtlab.apps.devices`: many devices in one process, told by its standard input; it ends with that.

The first line says which: {"url": …, "interval": …, "devices": [[name, kind, technique, after]…]}. Each later line
switches a radio: ["lamp-1", false].
"""

import contextlib
import json
import sys
import threading
import time

from rtlab.apps.devices.catalogue import Device
from rtlab.apps.devices.client import Client

TICK = 0.1  # seconds


def main() -> None:
    """Run the devices until standard input ends, which it does when the parent does, however that comes about."""
    asked = json.loads(sys.stdin.readline())
    clients = {
        name: Client(asked["url"], Device(name, kind, technique), after, asked["interval"])
        for name, kind, technique, after in asked["devices"]
    }
    print("ready", flush=True)
    threading.Thread(target=tick, args=(list(clients.values()),), daemon=True).start()
    for line in sys.stdin:
        name, on = json.loads(line)
        threading.Thread(target=clients[name].on_air, args=(on,), daemon=True).start()


def tick(clients: list[Client]) -> None:
    """Let every device look at its clock, for ever."""
    while True:
        now = time.monotonic()
        for client in clients:
            client.tick(now)
        time.sleep(max(0.0, now + TICK - time.monotonic()))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
