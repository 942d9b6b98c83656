"""A polling client of the asyncio load: short, adaptive and long."""

from __future__ import annotations

import asyncio
import json
import time

import h11
from requests.utils import DEFAULT_ACCEPT_ENCODING

from rtlab.clients.pace import Backoff
from rtlab.measure.processes.client import Client, Group


class PollingClient(Client):
    """Asks for what is behind its cursor; by the clock, as its pace says, or again as soon as it is answered."""

    def __init__(self, group: Group, number: int, phase: float) -> None:
        super().__init__(group, number, phase)
        self.http = h11.Connection(h11.CLIENT)
        self.cursor = "now"
        self.body = b""
        self.status = 0
        self.due = self.asked = time.monotonic()  # when the next request is to be sent, when the last one was
        self.elapsed = 0.0  # seconds between the last two
        self.pace = Backoff(*group.backoff)
        self.headers = [
            ("Host", self.host),
            ("User-Agent", f"rtlab ({group.technique})"),
            ("Accept-Encoding", DEFAULT_ACCEPT_ENCODING),
            ("Accept", "*/*"),
            ("Connection", "keep-alive"),
        ]

    def begin(self) -> None:
        """Ask where the log ends now."""
        self.ask()

    def ask(self) -> None:
        """Send the next request."""
        if self.closing:
            return
        now = time.monotonic()
        self.asked, self.elapsed = now, now - self.asked
        wait = f"&wait={self.group.hold:g}" if self.group.technique == "long" and self.is_placed else ""
        self.group.requests += self.is_placed
        target = f"{self.channel}/events?after={self.cursor}{wait}"
        request = self.http.send(h11.Request(method="GET", target=target, headers=self.headers))
        self.transport.write((request or b"") + (self.http.send(h11.EndOfMessage()) or b""))

    @property
    def is_placed(self) -> bool:
        """Whether the cursor is known: the first question only asks for it."""
        return self.cursor != "now"

    def receive(self, data: bytes, now: int) -> None:
        """Put the answer together, however it is cut."""
        self.http.receive_data(data)
        while (event := self.http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            match event:
                case h11.Response(status_code=status):
                    self.status, self.body = status, b""
                case h11.Data(data=piece):
                    self.body += bytes(piece)
                case h11.EndOfMessage():
                    self.http.start_next_cycle()
                    self.answered(now)
                case h11.ConnectionClosed():
                    return

    def answered(self, now: int) -> None:
        """Note what the answer brought, and ask again when it is time."""
        if self.status != 200:
            return self.fail(f"the server answered {self.status}: {self.body[:200]!r}")
        document = json.loads(self.body)
        for event in document["events"]:
            self.arrived(event["id"], now)
        first, self.cursor = not self.is_placed, document["cursor"]
        if first:
            self.ready()
        else:
            self.group.empty += not document["events"]
        self.plan(first, len(document["events"]))

    def plan(self, first: bool, events: int) -> None:
        """Set the time of the next request: by the clock, so that being late once does not make all others late."""
        now = time.monotonic()
        match self.group.technique:
            case "long":
                self.due = now
            case "short":
                self.due = now + self.phase * self.group.period if first else self.due + self.group.interval
            case _:
                interval = self.pace.interval if first else self.pace.next(events, self.elapsed)
                self.due = (now if first else self.due) + (self.phase if first else 1) * interval
        if self.due <= now:
            self.due = now
            self.ask()
        else:
            loop = asyncio.get_running_loop()
            loop.call_at(loop.time() + self.due - now, self.ask)
