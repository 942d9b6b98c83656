"""The devices' event source: it passes on what is ordered and reported, and says what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rtlab.apps.app import App, Hub
from rtlab.apps.audience import Audience
from rtlab.apps.devices.catalogue import KINDS, Command, Device, household
from rtlab.apps.devices.fleet import Fleet
from rtlab.apps.devices.orders import Order, Orders
from rtlab.apps.devices.presence import Presence
from rtlab.apps.fields import form, number
from rtlab.errors import BadInput, InvalidField
from rtlab.event import Event
from rtlab.server.app import Server

TICK = 0.1  # seconds between two looks at the clock; reports are passed on that often, together
LONGEST = 300.0  # seconds that a command may wait for its device


class Devices(App):
    """Runs the devices while somebody reads `devices`, where all that happens is told.

    Clients order on `devices.orders` and switch radios on `devices.radio`; the devices report on `devices.reports`,
    and each is told what to do on `devices.NAME`. `interval`: seconds of those that poll.
    """

    name, title = "devices", "Devices"
    summary = "Sensors and actuators: commands, acknowledgements, time-outs, and what a battery says."

    def __init__(self, devices: Sequence[Device] = (), interval: float = 2.0) -> None:
        self.devices = {device.name: device for device in devices or household()}
        self.interval = interval
        self.fleet: Fleet | None = None

    def attend(self, server: Server) -> None:
        """The devices are clients of this server."""
        self._server, self._audience = server, Audience(server, "devices")

    def check(self, channel: str, data: Any) -> None:
        """Refuse an order that cannot be, and what is no business of a client."""
        fields = form(data)
        if channel == "devices.orders":
            Command.parse(fields, self.devices)
            patience(fields)
        elif channel in ("devices.radio", "devices.reports"):
            if fields.get("device") not in self.devices:
                raise InvalidField("device", f"There is no device {str(fields.get('device'))[:40]!r}.")
        else:
            raise BadInput(f"Nobody else publishes on {channel}: order on devices.orders.")

    async def run(self, hub: Hub) -> None:
        """Say which devices there are; then pass on, until the server stops. The processes end with it."""
        self.orders, self.presence = Orders(), Presence()
        self._remember()
        self._reports: dict[str, dict[str, Any]] = {}  # since the last tick, the newest of each device
        kinds = {name: {"tells": k.tells, "commands": _plain(k.commands)} for name, k in KINDS.items()}
        fleet = [asdict(device) for device in self.devices.values()]
        await hub.publish("devices.fleet", {"devices": fleet, "kinds": kinds})
        try:
            await asyncio.gather(self._order(hub), self._radio(hub), self._hear(hub), self._clock(hub))
        finally:
            await self._end_fleet()

    async def _order(self, hub: Hub) -> None:
        async for event in _events(hub, "devices.orders"):
            command = Command.parse(event.data, self.devices)
            due = datetime.fromisoformat(event.time.replace("Z", "+00:00")).timestamp() + patience(event.data)
            order = self.orders.give(event.id, command, due)
            told = {"order": event.id, "word": command.word, "value": command.value, "due": due}
            await hub.publish(self.devices[command.device].channel, told)
            await hub.publish("devices", order.shown())

    async def _radio(self, hub: Hub) -> None:
        async for event in _events(hub, "devices.radio"):
            name, on = event.data["device"], bool(event.data.get("on"))
            if self.fleet is not None:
                self.fleet.on_air(name, on)
            await hub.publish("devices", {"kind": "radio", "device": name, "on": on})

    async def _hear(self, hub: Hub) -> None:
        async for event in _events(hub, "devices.reports"):
            match event.data:
                case {"kind": "answer", "order": str(id), "outcome": str(outcome), "words": str(words)}:
                    if order := self.orders.answered(id, outcome, words):
                        await hub.publish("devices", order.shown())
                case {"kind": "report", "device": str(name), "every": int() | float() as every}:
                    self.presence.heard(name, every, time.monotonic())
                    self._reports[name] = event.data

    async def _clock(self, hub: Hub) -> None:
        while True:
            if self._audience.forgotten:
                await hub.publish("devices", {"kind": "begin"})
            if self._audience.present != (self.fleet is not None):
                await (self._end_fleet() if self.fleet else self._start_fleet())
            over: list[Order] = self.orders.overdue(time.time())
            for order in over:
                await hub.publish("devices", order.shown())
            for name in self.presence.fallen_silent(time.monotonic()):
                await hub.publish("devices", {"kind": "silent", "device": name})
            if self._reports:
                reports, self._reports = list(self._reports.values()), {}
                await hub.publish("devices", {"kind": "reports", "reports": reports})
            await asyncio.sleep(TICK)

    async def _start_fleet(self) -> None:
        self.fleet = Fleet(
            self._server.url, self.devices.values(), lambda d: self._after[d.name], self.interval
        )

    async def _end_fleet(self) -> None:
        fleet, self.fleet = self.fleet, None
        self._remember()
        if fleet is not None:
            await asyncio.to_thread(fleet.close)

    def _remember(self) -> None:
        """Where each device's orders end now: the next fleet goes on from there, and obeys none of them twice."""
        channels = [self._server.channels.find(device.channel) for device in self.devices.values()]
        self._after = {name: c.cursor(c.end) for name, c in zip(self.devices, channels, strict=True)}


def patience(fields: Mapping[str, Any]) -> float:
    """Seconds that a command waits for its answer. Raises InvalidField."""
    return number(fields, "within", 1, LONGEST, "seconds")


async def _events(hub: Hub, channel: str) -> AsyncIterator[Event]:
    async for item in hub.read(channel):
        if isinstance(item, Event):
            yield item


def _plain(commands: Any) -> dict[str, Any]:
    return {word: span and asdict(span) for word, span in commands.items()}
