"""A hundred devices at once, for `rtlab bench apps devices`: what they cost their server, and how late they obey."""

from __future__ import annotations

import threading
import time
from typing import ClassVar

from rtlab.apps.devices.catalogue import Device
from rtlab.apps.devices.source import Devices
from rtlab.clients import Publisher, ServerSentEvents
from rtlab.errors import RtlabError
from rtlab.event import Event

NUMBER = 100
START_SECONDS = 60.0  # that they may take to be there


class Hundred(Devices):
    """Lamps in one process, all by one technique; those that poll ask every two seconds."""

    technique: ClassVar[str]

    def __init__(self) -> None:
        super().__init__([Device(f"lamp-{n}", "lamp", self.technique) for n in range(NUMBER)])


class ByShortPolling(Hundred):
    """Each asks every two seconds."""

    technique = "short"


class ByLongPolling(Hundred):
    """Each has a question held."""

    technique = "long"


class ByWebSocket(Hundred):
    """Each has a socket open."""

    technique = "websocket"


class Observer:
    """Reads `devices` in a thread of its own: who is there, and when each order was done."""

    def __init__(self, url: str) -> None:
        self.there: set[str] = set()
        self.done: dict[str, int] = {}  # order → monotonic ns
        self._changed = threading.Condition()
        self._reader = ServerSentEvents(f"{url}/channels/devices")
        self._thread = threading.Thread(target=self._run, name="devices' observer", daemon=True)

    def __enter__(self) -> Observer:
        self._reader.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._reader.close()
        self._thread.join(5.0)

    def _run(self) -> None:
        for event in self._reader.events():
            now = time.monotonic_ns()
            if isinstance(event, Event):
                with self._changed:
                    self.there |= {report["device"] for report in event.data.get("reports", ())}
                    if event.data.get("outcome") == "done":
                        self.done[event.data["order"]] = now
                    self._changed.notify_all()

    def wait(self, devices: int = 0, orders: int = 0, seconds: float = START_SECONDS) -> None:
        """Wait until so many are there and so many orders done. Raises RtlabError when it takes too long."""

        def enough() -> bool:
            return len(self.there) >= devices and len(self.done) >= orders

        with self._changed:
            if not self._changed.wait_for(enough, seconds):
                raise RtlabError(f"{len(self.there)} devices are there and {len(self.done)} orders done")


def give_orders(url: str, seconds: float, rate: float = 20.0) -> tuple[int, list[float]]:
    """Order at a steady rate, one device after another; how many orders, and how long each took until it was done."""
    with Observer(url) as observer, Publisher(f"{url}/channels/devices.orders") as giver:
        observer.wait(devices=NUMBER)
        given: dict[str, int] = {}
        began = time.monotonic()
        for number in range(round(rate * seconds)):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            now = time.monotonic_ns()
            order = {"device": f"lamp-{number % NUMBER}", "command": "on", "within": 30}
            given[giver.publish(order)] = now
        observer.wait(orders=len(given))
        return len(given), [(observer.done[id] - at) / 1e9 for id, at in given.items()]
