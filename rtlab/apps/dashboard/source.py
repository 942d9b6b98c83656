"""The dashboard's event source: one sample after another, for as long as somebody reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rtlab.apps.app import App, Hub
from rtlab.apps.audience import Audience
from rtlab.apps.dashboard.alert import Alarm, Rule
from rtlab.apps.dashboard.classic import ClassicHandler
from rtlab.apps.dashboard.metrics import METRICS, Sample, samples
from rtlab.apps.fields import form, number
from rtlab.errors import BadInput
from rtlab.event import Event
from rtlab.server.app import Server

CHANNEL, SETTINGS = "dashboard", "dashboard.settings"
LOWEST_RATE, HIGHEST_RATE = 0.5, 10.0  # samples a second: seldom enough to sleep, often enough for eyes
IDLE = 0.1  # seconds between two looks whether anybody has come


class Dashboard(App):
    """Publishes samples on `dashboard` while that has readers; watches them by one alert rule.

    The last event on `dashboard.settings` is what holds: the rate in samples a second, and the rule. A client
    changes it by publishing another; each sample names the one that it was made by. `measure` yields the samples.
    """

    name, title = "dashboard", "Live dashboard"
    summary = "This machine's own metrics, an alert, and a look back."

    def __init__(
        self,
        rate: float = 5.0,
        rule: Rule | None = None,
        measure: Callable[[Server], Iterator[Sample]] = samples,
    ) -> None:
        self.rate, self.alarm, self.measured = rate, Alarm(rule or Rule()), 0
        self._measure = measure
        self._settings = ""  # the id of the event that holds

    @property
    def routes(self) -> Sequence[tuple[str, Any, dict[str, Any]]]:
        """The page that reloads itself, to compare with."""
        return [(r"/apps/dashboard/classic", ClassicHandler, {})]

    def attend(self, server: Server) -> None:
        """Look at this server."""
        self._audience = Audience(server, CHANNEL)
        self._samples = self._measure(server)

    def check(self, channel: str, data: Any) -> None:
        """Clients may change the settings, whole and only to what makes sense, and publish nothing else."""
        if channel != SETTINGS:
            raise BadInput(f"Only the dashboard publishes on {channel}: its settings are on {SETTINGS}.")
        Rule.parse(form(data))
        number(form(data), "rate", LOWEST_RATE, HIGHEST_RATE, "samples a second")

    async def run(self, hub: Hub) -> None:
        """Measure once, so that whoever comes finds a sample; then whenever somebody reads."""
        first = await hub.publish(SETTINGS, {"rate": self.rate, **asdict(self.alarm.rule)})
        self._settings = first.id
        next(self._samples)  # what a load is can only be told from the second look on
        await self._sample(hub)
        await asyncio.gather(self._follow(hub, first.id), self._watch(hub))

    async def _follow(self, hub: Hub, after: str) -> None:
        async for item in hub.read(SETTINGS, after):
            if isinstance(item, Event):
                self.rate, self._settings = float(item.data["rate"]), item.id
                if (rule := Rule.parse(item.data)) != self.alarm.rule:
                    self.alarm = Alarm(rule)  # what the old one had raised is nobody's business any more

    async def _watch(self, hub: Hub) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            if self._audience.present or self._audience.forgotten:
                await self._sample(hub)
                due = max(due + 1 / self.rate, clock())  # on the beat; one that was missed is not made up for
            else:
                due = clock() + IDLE
            await asyncio.sleep(due - clock())

    async def _sample(self, hub: Hub) -> None:
        sample = next(self._samples)
        value = METRICS[self.alarm.rule.metric].read(sample)
        turn = self.alarm.see(asyncio.get_running_loop().time(), value)
        alert: dict[str, Any] = {"state": self.alarm.state}
        if turn is not None or self.alarm.state == "raised":
            alert |= {"rule": str(self.alarm.rule), "value": round(value, 1)}
        if turn is not None:
            alert["turn"] = turn
        await hub.publish(CHANNEL, {**sample, "alert": alert, "settings": self._settings})
        self.measured += 1
