"""Hundreds or thousands of clients in one process: what the reference readers send, on one asyncio loop.

Each client is a connection through its group's tap. It notes which event arrived when, and how often it asked. The
bytes that it sends are those of the reference readers (a test holds them together). It does not reconnect: a
connection that is lost is the end of the experiment.
"""

from __future__ import annotations

import asyncio
import random
import time
from array import array
from typing import Any

import numpy as np

from rtlab.measure.processes.client import Client, Group
from rtlab.measure.processes.polling import PollingClient
from rtlab.measure.processes.pushed import SocketClient, StreamClient
from rtlab.measure.processes.talk import answer_beside, say

AT_A_TIME = 50  # connections being opened
PATIENCE = 20.0  # seconds until everybody must be connected
SAMPLE = 0.01  # seconds between two looks at how late the loop is
KINDS: dict[str, type[Client]] = {
    "short": PollingClient,
    "adaptive": PollingClient,
    "long": PollingClient,
    "sse": StreamClient,
    "websocket": SocketClient,
}


def main(settings: dict[str, Any]) -> None:
    """Connect everybody, and read until the input ends. `settings`: `groups`, each as `Group` has it."""
    asyncio.run(_read(settings))


async def _read(settings: dict[str, Any]) -> None:
    groups = [Group(**group) for group in settings["groups"]]
    chance = random.SystemRandom()  # the events are seeded; a phase that is kept for a run is new for each
    clients = [
        KINDS[group.technique](group, number, chance.random())
        for group in groups
        for number in range(group.clients)
    ]
    turn = asyncio.Semaphore(AT_A_TIME)

    async def connect(client: Client) -> None:
        async with turn:
            await client.connect()

    try:
        await asyncio.wait_for(asyncio.gather(*map(connect, clients)), PATIENCE)
        lag = Lag()
        watching = asyncio.create_task(lag.watch())
        say("ready")
        await answer_beside(
            {
                "mark": lambda: {
                    "cpu": time.process_time_ns(),
                    "groups": [(group.requests, group.empty) for group in groups],
                },
                "received": lambda: [len(group.arrivals) // 3 for group in groups],
                "trouble": lambda: next((group.trouble for group in groups if group.trouble), None),
                "lag": lag.p99,
                "save": lambda path: save(path, [group.arrivals for group in groups]),
            }
        )
        watching.cancel()
    finally:
        for client in clients:
            client.close()


class Lag:
    """How late the loop is with what is due: the load generator's own share of every latency."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            due = time.monotonic() + SAMPLE
            await asyncio.sleep(SAMPLE)
            self.samples.append(time.monotonic() - due)

    def p99(self) -> float:
        """The lag in seconds that 99 of 100 looks did not exceed since the last question."""
        samples, self.samples = self.samples, []
        return float(np.quantile(samples, 0.99)) if samples else 0.0


def save(path: str, arrivals: list[array[int]]) -> None:
    """Write what arrived: a table for each group, of client, position of the event, and time (monotonic ns)."""
    np.savez(path, *[np.array(numbers, dtype=np.int64).reshape(-1, 3) for numbers in arrivals])
