"""Scores: several matches at once, told as one feed in which a later event may amend an earlier one.

One channel, `scores`, and one direction. A goal is published the moment it falls, so that it arrives a transit later
wherever the technique allows it; what a reader shows is computed from the events that it has (see `board`).
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, ClassVar

from rtlab.apps.app import App, Hub
from rtlab.apps.scores.season import match_day
from rtlab.errors import BadInput

BREAK = 10.0  # minutes between the last whistle and the next round


class Scores(App):
    """One match day after the other; a minute of play lasts `minute` seconds. The same `seed` gives the same goals."""

    name, title = "scores", "Scores"
    summary = "Six matches at once, and a feed that corrects itself"
    keeps: ClassVar = {"scores": 500}  # events: some rounds, so that who comes late has all of this one

    def __init__(self, minute: float = 2.0, seed: int = 0) -> None:
        if not minute > 0:
            raise BadInput(f"minutes of {minute:g} s: give more than 0")
        self.minute, self.seed = minute, seed

    def check(self, channel: str, data: Any) -> None:
        """Refuse every client: who wants to know the score does not make it."""
        raise BadInput(f"on {channel} only the referee speaks: read it, and publish elsewhere")

    async def run(self, hub: Hub) -> None:
        """Play round after round."""
        for number in itertools.count(self.seed):
            await self._round(hub, number)
            await asyncio.sleep(BREAK * self.minute)

    async def _round(self, hub: Hub, seed: int) -> None:
        """Publish each happening at its moment; a correction names the event that it amends by its id."""
        clock = asyncio.get_running_loop().time
        started, ids = clock(), list[str]()
        for happening in match_day(seed):
            await asyncio.sleep(max(0.0, started + happening.minute * self.minute - clock()))
            data = happening.data
            if data["kind"] == "round":
                data = data | {"seconds": self.minute}
            if happening.of is not None:
                data = data | {"of": ids[happening.of]}
            ids.append((await hub.publish(self.name, data)).id)
