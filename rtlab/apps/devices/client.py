"""A device as a client: it waits for commands with a reader of the package, answers, and reports.

The cursor is all that it must not forget. Off the air it keeps it, and what was ordered meanwhile waits in the log:
back again it reads on, obeys what is still wanted, and drops, saying so, what is not.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from rtlab.apps.devices.battery import Battery
from rtlab.apps.devices.catalogue import Device
from rtlab.apps.devices.machine import MACHINES
from rtlab.clients import READERS, Publisher
from rtlab.clients.reader import Reader
from rtlab.errors import RtlabError
from rtlab.event import Event
from rtlab.measure.energy import LTE, WIFI


class Client:
    """One device on the air. `url` is the server's, `after` where it has read up to, `interval` that of polling."""

    def __init__(self, url: str, device: Device, after: str = "now", interval: float = 2.0) -> None:
        self.device, self.after, self.interval = device, after, interval
        self._url = f"{url}/channels/{device.channel}"
        self._machine = MACHINES[device.kind](device.name)
        self._mouth, self._speaking = Publisher(f"{url}/channels/devices.reports"), threading.Lock()
        self._batteries = [Battery(LTE), Battery(WIFI)]
        self._began = self._due = time.monotonic()
        self._traffic = 0  # bytes of the reader when the battery was looked at last
        self._spent = [0, 0]  # requests and bytes of the readers before this one
        self._reader: Reader | None = None
        self._listens = False
        self._wanted, self._switching = True, threading.Lock()
        self.on_air(True)

    def on_air(self, on: bool) -> None:
        """Switch its radio on or off; off the air it neither hears nor reports. Any thread may, at any time."""
        self._wanted = on
        with (
            self._switching
        ):  # a reader takes a moment to close, and only then is known where the next begins
            self._switch(self._wanted)

    def _switch(self, on: bool) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
            self.after = reader.cursor
            self._spent = [self._requests(reader), self._bytes(reader)]
        if on:
            technique = self.device.technique
            own = {"interval": self.interval} if technique == "short" else {}
            self._reader = READERS[technique](self._url, after=self.after, **own)
            self._traffic, self._listens = self._spent[1], False
            threading.Thread(target=self._listen, args=(self._reader,), daemon=True).start()

    def _listen(self, reader: Reader) -> None:
        try:
            with reader:
                self._listens = True  # it knows its place: who hears a report may give an order
                for item in reader.events():
                    if isinstance(item, Event):
                        self._obey(item.data)
        except RtlabError as trouble:  # it cannot go on: the page sees it fall silent
            print(f"{self.device.name}: {trouble}", flush=True)

    def _obey(self, order: dict[str, Any]) -> None:
        late = time.time() - order["due"]
        if late > 0:
            return self._answer(order, "expired", f"dropped: it came {late:.1f} s too late")
        time.sleep(self._machine.acts)
        try:
            words = self._machine.obey(order["word"], order["value"])
        except ValueError as reason:
            return self._answer(order, "refused", str(reason))
        self._answer(order, "done", words)
        self._due = 0.0  # its state has changed: tell it now

    def _answer(self, order: dict[str, Any], outcome: str, words: str) -> None:
        answer = {
            "kind": "answer",
            "device": self.device.name,
            "every": self._machine.every,
            "order": order["order"],
            "outcome": outcome,
            "words": words,
        }
        self._say(answer, key=f"{self.device.name} {order['order']}")  # said twice, it counts once

    def tick(self, now: float) -> None:
        """Look at the battery, and report if that is due. Called ten times a second by one thread."""
        reader = self._reader
        if reader is not None and (traffic := self._bytes(reader)) != self._traffic:
            self._traffic = traffic
            for battery in self._batteries:
                battery.message(now)
        if reader is not None and self._listens and now >= self._due:
            self._due = now + self._machine.every
            self._say(self.report(reader, now))

    def report(self, reader: Reader, now: float) -> dict[str, Any]:
        """How it is, and what listening has cost it: requests, bytes, milliwatts of two radios on average."""
        lte, wifi = (1000 * b.joules(now) / max(now - self._began, 1.0) for b in self._batteries)
        return {
            "kind": "report",
            "device": self.device.name,
            "every": self._machine.every,
            **self._machine.reading(),
            "requests": self._requests(reader),
            "bytes": self._bytes(reader),
            "seconds": round(now - self._began, 1),
            "lte": round(lte, 1),
            "wifi": round(wifi, 2),
        }

    def _requests(self, reader: Reader) -> int:
        return self._spent[0] + reader.stats.requests

    def _bytes(self, reader: Reader) -> int:
        return self._spent[1] + reader.stats.bytes_up + reader.stats.bytes_down

    def _say(self, data: dict[str, Any], key: str | None = None) -> None:
        try:
            with self._speaking:
                self._mouth.publish(data, key)
        except (
            RtlabError
        ) as trouble:  # a report is lost, the next one says all; the server will miss an answer
            print(f"{self.device.name}: {trouble}", flush=True)
