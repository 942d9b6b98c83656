"""The life of a command: given, then answered by its device, or not in time.

             the device answers
waiting ──────────────────────────▶ done | refused
   │         nobody answers within the time
   └──────────────────────────────▶ timed out ────▶ expired   (the device came back, and dropped it)
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal

from rtlab.apps.devices.catalogue import Command

Outcome = Literal["waiting", "done", "refused", "timed out", "expired"]
ANSWERS: tuple[Outcome, ...] = ("done", "refused", "expired")  # what a device may say
KEPT = 500  # orders that are remembered


@dataclass
class Order:
    """A command that was given, and what became of it; `due` is when its time is up (Unix time)."""

    id: str
    command: Command
    due: float
    outcome: Outcome = "waiting"
    words: str = ""  # the device's own

    def shown(self) -> dict[str, Any]:
        """What a page is told of it."""
        return {
            "kind": "order",
            "order": self.id,
            "device": self.command.device,
            "command": str(self.command),
            "outcome": self.outcome,
            "words": self.words,
        }


class Orders:
    """All commands that were given lately, by id."""

    def __init__(self) -> None:
        self._orders: OrderedDict[str, Order] = OrderedDict()

    def give(self, id: str, command: Command, due: float) -> Order:
        """Remember a command; it waits for its device from now on."""
        order = self._orders[id] = Order(id, command, due)
        if len(self._orders) > KEPT:
            self._orders.popitem(last=False)
        return order

    def answered(self, id: object, outcome: object, words: object = "") -> Order | None:
        """Take a device's answer; the order, if that changes it.

        An answer that comes late changes nothing, whoever gave the command was told `timed out`; but that the device
        has dropped it is worth knowing: then nothing was done.
        """
        order = self._orders.get(id) if isinstance(id, str) else None
        if order is None or outcome not in ANSWERS:
            return None
        if order.outcome != "waiting" and not (order.outcome == "timed out" and outcome == "expired"):
            return None
        order.outcome, order.words = outcome, str(words)[:200]
        return order

    def overdue(self, now: float) -> list[Order]:
        """The orders whose time is up since the last call; they are `timed out` from now on."""
        over = [order for order in self._orders.values() if order.outcome == "waiting" and order.due <= now]
        for order in over:
            order.outcome = "timed out"
        return over
