"""The reference readers as the load of an experiment: what users of the package run, a thread for each client."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from array import array
from typing import Any

from rtlab.clients import AdaptivePolling, LongPolling, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients.pace import Backoff
from rtlab.clients.reader import Reader
from rtlab.errors import RtlabError
from rtlab.event import Event
from rtlab.measure.processes.client import Group
from rtlab.measure.processes.load import SAMPLE, Lag, save
from rtlab.measure.processes.talk import answer, say

PATIENCE = 20.0  # seconds until everybody must hold a place


def main(settings: dict[str, Any]) -> None:
    """Start a thread for each reader, and read until the input ends. `settings`: as for `load`."""
    groups = [Group(**group) for group in settings["groups"]]
    chance = random.SystemRandom()  # the events are seeded; a phase that is kept for a run is new for each
    threads = [
        ReaderThread(group, number, chance.random()) for group in groups for number in range(group.clients)
    ]
    for thread in threads:
        thread.start()
    lag = Lag()
    threading.Thread(target=_begin, args=(threads, lag), daemon=True).start()

    def mark() -> dict[str, Any]:
        return {
            "cpu": time.process_time_ns(),
            "groups": [_asked([t.reader for t in threads if t.group is group]) for group in groups],
        }

    answer(
        {
            "mark": mark,
            "received": lambda: [sum(len(t.arrivals) for t in threads if t.group is g) // 3 for g in groups],
            "trouble": lambda: next((group.trouble for group in groups if group.trouble), None),
            "lag": lag.p99,
            "save": lambda path: save(path, [_gathered(threads, group) for group in groups]),
        }
    )
    for thread in threads:
        thread.reader.close()


def _begin(threads: list[ReaderThread], lag: Lag) -> None:
    """Say when everybody holds a place, beside the questions: whose parent is gone in the meantime ends at once."""
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        if not thread.placed.wait(max(0.0, deadline - time.monotonic())):
            print(f"a reader ({thread.group.technique}) held no place within {PATIENCE:g} s", file=sys.stderr)
            sys.stderr.flush()
            os._exit(1)
    say("ready")
    while True:
        due = time.monotonic() + SAMPLE
        time.sleep(SAMPLE)
        lag.samples.append(time.monotonic() - due)


def _asked(readers: list[Reader]) -> tuple[int, int]:
    """Requests and empty answers, the first question of each left out: it only asked where the log ends."""
    return sum(r.stats.requests - 1 for r in readers), sum(r.stats.empty for r in readers)


def _gathered(threads: list[ReaderThread], group: Group) -> array[int]:
    """What arrived at all readers of a group."""
    return array("q", [number for thread in threads if thread.group is group for number in thread.arrivals])


class ReaderThread(threading.Thread):
    """One reference reader."""

    def __init__(self, group: Group, number: int, phase: float) -> None:
        super().__init__(daemon=True)
        self.group, self.number, self.phase = group, number, phase
        self.arrivals = array("q")
        self.placed = threading.Event()
        url = f"http://127.0.0.1:{group.port}/channels/{group.channels[number % len(group.channels)]}"
        self.reader = _reader(group, url)

    def run(self) -> None:
        """Begin somewhere in the interval, and note each arrival."""
        polls = {"short": self.group.period, "adaptive": self.group.backoff[0]}
        time.sleep(self.phase * polls.get(self.group.technique, 0.0))
        try:
            with self.reader:
                self.placed.set()
                for item in self.reader.events():
                    now = time.monotonic_ns()
                    if isinstance(item, Event):
                        self.arrivals.extend((self.number, int(item.id.rpartition(".")[2]), now))
        except RtlabError as error:
            self.group.trouble = self.group.trouble or str(error)
            self.placed.set()  # nobody need wait for it: the trouble is asked for


def _reader(group: Group, url: str) -> Reader:
    match group.technique:
        case "short":
            return ShortPolling(url, interval=group.interval)
        case "adaptive":
            return AdaptivePolling(url, pace=Backoff(*group.backoff))
        case "long":
            return LongPolling(url, wait=group.hold)
        case "sse":
            return ServerSentEvents(url)
    return WebSocket(url)
