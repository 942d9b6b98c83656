"""From an order to its answer: up by a socket or a POST, down by each technique."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rtlab.clients import Publisher, WebSocket
from rtlab.teach.lesson_16.crowd import Follower, Laboratory

CHANNEL = "market"
LOW = "1.00"  # a price at which an order waits and trades with nobody
PATIENCE = 10.0  # s for the last answers to come


@dataclass
class Answered:
    """How long orders took, in seconds: until they were in the log, and until the exchange's answer had come."""

    technique: str
    logged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    bytes_up: float = 0.0  # of one order, head or frame included

    @property
    def medians(self) -> tuple[float, float]:
        """Median seconds to the log and to the answer: a machine that is busy for a moment moves a mean far."""
        return statistics.median(self.logged), statistics.median(self.answered)


def order_and_wait(
    lab: Laboratory, techniques: Sequence[str], orders: int = 10, *, interval: float = 1.0, seed: int = 1
) -> list[Answered]:
    """Place some orders by each technique, all at once, at random moments. Raises what went wrong."""
    traders = [_Trader(lab, technique, orders, interval, seed + n) for n, technique in enumerate(techniques)]
    for trader in traders:
        trader.follower.open()
    for trader in traders:
        trader.start()
    for trader in traders:
        trader.join()
    for trader in traders:
        trader.follower.finish()
        if trader.error is not None:
            raise trader.error
    return [trader.result() for trader in traders]


class _Trader(threading.Thread):
    """Places orders by one technique, while a follower of the same technique waits for the answers."""

    def __init__(self, lab: Laboratory, technique: str, orders: int, interval: float, seed: int) -> None:
        super().__init__(name=f"trader {technique}", daemon=True)
        url = lab.channel(CHANNEL)
        self.orders, self.chance = orders, random.Random(seed)
        self.follower = Follower(technique, url, interval=interval)
        self.publisher = Publisher(url)  # on a connection that stays open, as a browser's does
        self.sent: dict[str, tuple[float, float]] = {}  # id → when it was sent, when it was in the log
        self.bytes_up = 0.0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._publish({"kind": "mine", "trader": self.name})  # opens the connection
            before = self._bytes_up
            for number in range(self.orders):
                time.sleep(self.chance.expovariate(12.0))
                order = {"kind": "order", "trader": self.name, "stock": "ACME"}
                began = time.monotonic()
                id = self._publish(order | {"side": "buy", "quantity": 1 + number, "price": LOW})
                self.sent[id] = began, time.monotonic()
            self.bytes_up = (self._bytes_up - before) / self.orders
            deadline = time.monotonic() + PATIENCE
            while len(self._answers()) < self.orders and time.monotonic() < deadline:
                time.sleep(0.02)
        except BaseException as error:
            self.error = error
        finally:
            self.publisher.close()

    @property
    def _bytes_up(self) -> int:
        reader = self.follower.reader
        return (reader if isinstance(reader, WebSocket) else self.publisher).stats.bytes_up

    def _publish(self, order: dict[str, object]) -> str:
        reader = self.follower.reader
        return reader.send(order) if isinstance(reader, WebSocket) else self.publisher.publish(order)

    def _answers(self) -> dict[str, float]:
        """When each of our orders was answered, monotonic seconds."""
        return {
            event.data["of"]: at / 1e9
            for event, at in list(self.follower.arrived)
            if event.data["kind"] == "ack" and event.data["of"] in self.sent
        }

    def result(self) -> Answered:
        """The times of all orders."""
        answers = self._answers()
        logged = [done - began for began, done in self.sent.values()]
        answered = [answers[id] - began for id, (began, _) in self.sent.items() if id in answers]
        return Answered(self.follower.technique, logged, answered, self.bytes_up)
