"""The four parties of a push message, drawn from what the tap saw: who told whom what, and when.

The tap stands before the push service, so it sees two of them talk to it. What the other two are told, the subscription
and the message in the application's hand, crosses no wire of ours: `Parties` notes the moments.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from rtlab.push.device import PushMessage
from rtlab.view.parties import Crossing, Held, Open, draw_parties
from rtlab.view.picture import Picture
from rtlab.wire.message import Message

SERVER, SERVICE, DEVICE, APPLICATION = "application server", "push service", "device", "application"
NAMES = (SERVER, SERVICE, DEVICE, APPLICATION)
HAND = 12_000_000  # ns that a hand-over takes in the picture, so that its arrow can be seen


class Parties:
    """Notes what crosses no wire, and draws all of it."""

    def __init__(self) -> None:
        self._handed: list[Crossing] = []
        self._read: dict[str, int] = {}  # message → when the application had it

    def hand_over(self, what: str = "subscription") -> None:
        """The application gives its server the subscription, by whatever way the two have."""
        now = time.monotonic_ns()
        self._handed.append(Crossing(APPLICATION, SERVER, "sends", now, now + 2 * HAND, what))

    def read(self, messages: Iterable[PushMessage]) -> Iterator[PushMessage]:
        """Pass messages on to the application, and note when."""
        for message in messages:
            self._read[message.id] = time.monotonic_ns()
            yield message

    def connections(self, record: Iterable[Message]) -> Counter[tuple[str, str]]:
        """Count the connections in the record by their two ends: who opened them, and to whom."""
        return Counter((who, SERVICE) for who in Seen(record).askers.values())

    def picture(self, record: Iterable[Message], title: str) -> Picture:
        """Draw everything that is in the record, and everything noted."""
        seen = Seen(record)
        handed = [
            Crossing(DEVICE, APPLICATION, "carries", at, at + HAND, f"message {seen.numbers[id]}")
            for id, at in self._read.items()
            if id in seen.numbers
        ]
        crossings = sorted([*seen.crossings, *handed, *self._handed], key=lambda one: one.left)
        return draw_parties(NAMES, crossings, seen.opened, seen.held(), title=title)


class Seen:
    """What a record of the tap says of push: arrows, the device's open connection, what the service kept."""

    def __init__(self, record: Iterable[Message]) -> None:
        self.crossings: list[Crossing] = []
        self.opened: list[Open] = []
        self.numbers: dict[str, int] = {}  # message → its number, in the order of sending
        self.askers: dict[int, str] = {}  # connection → whose requests it carries
        self._kept: dict[int, list[int]] = {}  # number → from when, until when
        self._ttl: dict[int, int] = {}
        self._asked: dict[int, str] = {}  # connection → its newest request
        self._streams: dict[int, int] = {}  # connection → when its stream opened
        self._sent = 0
        self._end = 0
        for message in record:
            self._end = max(self._end, message.arrived)
            take = {
                "request": self._request,
                "response": self._answer,
                "event": self._event,
                "close": self._close,
            }
            if message.kind in take:
                take[message.kind](message)
        self.opened += [Open(DEVICE, SERVICE, start, self._end) for start in self._streams.values()]

    def _cross(self, one: str, other: str, message: Message, kind: str, label: str) -> None:
        ends = (one, other) if message.direction == "up" else (other, one)
        self.crossings.append(Crossing(*ends, kind, message.left, message.arrived, label))

    def _request(self, message: Message) -> None:
        method, _, path = message.label.partition(" ")
        self._asked[message.connection] = f"{method} {path}"
        self.askers[message.connection] = SERVER if path.startswith("/push/p/") else DEVICE
        if path.startswith("/push/p/"):
            self._sent += 1
            found = re.search(rb"\r\nTTL: *(\d+)", message.head, re.IGNORECASE)
            self._ttl[self._sent] = int(found[1]) if found else 0
            self._kept[self._sent] = [message.arrived]
            label = f"message {self._sent}, TTL {self._ttl[self._sent]}"
            self._cross(SERVER, SERVICE, message, "carries", label)
        elif path.startswith("/push/message/"):
            number = self.numbers.get(path)
            self._cross(DEVICE, SERVICE, message, "asks", f"I have {number}" if number else "I have it")
        elif path.startswith("/push/"):
            self._cross(DEVICE, SERVICE, message, "asks", "awake" if "/stream" in path else "subscribe")

    def _answer(self, message: Message) -> None:
        asked = self._asked.get(message.connection, "")
        if "/push/p/" in asked:
            found = re.search(rb"\r\nLocation: *(\S+)", message.head, re.IGNORECASE)
            if found:
                self.numbers[found[1].decode()] = self._sent
            self._cross(SERVER, SERVICE, message, "asks", message.label)
        elif "/stream" in asked:
            self._streams[message.connection] = message.left
        elif asked.endswith("/push/subscribe"):
            self._cross(DEVICE, SERVICE, message, "asks", "two names")

    def _event(self, message: Message) -> None:
        found = re.search(rb"\ndata: (.*)", b"\n" + message.body)
        if found is None or "/stream" not in self._asked.get(message.connection, ""):
            return
        number = self.numbers.get(json.loads(found[1])["data"]["message"])
        self._cross(DEVICE, SERVICE, message, "carries", f"message {number}" if number else "")
        if number is not None and len(self._kept[number]) == 1:
            self._kept[number].append(message.left)

    def _close(self, message: Message) -> None:
        if message.connection in self._streams:
            start = self._streams.pop(message.connection)
            self.opened.append(Open(DEVICE, SERVICE, start, message.left))

    def held(self) -> list[Held]:
        """What the service kept for longer than a moment, and what it dropped."""
        bars = []
        for number, (start, *end) in self._kept.items():
            if not end:
                lost = self._ttl[number] == 0
                bars.append(
                    Held(SERVICE, start, start if lost else self._end, "dropped" if lost else "", lost)
                )
            elif end[0] - start > 50_000_000:
                bars.append(Held(SERVICE, start, end[0], f"keeps {number}"))
        return bars
