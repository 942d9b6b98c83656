"""What a push service must not forget: devices, subscriptions, and the messages that wait, in SQLite.

Each change is one transaction, written when the call returns: what was answered `201` outlives the process. With
`sync` it is on the disk itself and outlives the machine's power too, which takes milliseconds each. In memory
(`:memory:`) it is as fast and as mortal as a dictionary.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rtlab.errors import BadInput
from rtlab.push.headers import Urgency

SCHEMA = """
CREATE TABLE IF NOT EXISTS devices (id TEXT PRIMARY KEY, seen REAL NOT NULL);
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY, push TEXT NOT NULL UNIQUE, key BLOB, ended REAL,
    device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS by_device ON subscriptions (device);
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, push TEXT NOT NULL, topic TEXT,
    received REAL NOT NULL, expires REAL NOT NULL, urgency INTEGER NOT NULL, receipt TEXT, body BLOB NOT NULL,
    subscription TEXT NOT NULL REFERENCES subscriptions ON DELETE CASCADE);
CREATE UNIQUE INDEX IF NOT EXISTS by_topic ON messages (subscription, topic);
CREATE INDEX IF NOT EXISTS by_end ON messages (expires);
CREATE TABLE IF NOT EXISTS receipts (id TEXT PRIMARY KEY, seen REAL NOT NULL);
"""


class Subscription(NamedTuple):
    """One application on one device. `push` is what the application server may know of it, `id` only the device."""

    id: str
    push: str
    key: bytes | None  # the public key of who may send; None: anybody who knows `push`
    ended: float | None  # when the device ended it
    device: str


class Message(NamedTuple):
    """A message that waits. `number` orders them; times in seconds since 1970; `receipt`: who wants to be told."""

    number: int
    id: str
    push: str
    topic: str | None
    received: float
    expires: float
    urgency: Urgency
    receipt: str | None
    body: bytes
    subscription: str


class Store:
    """The tables. One thread at a time."""

    def __init__(self, path: Path | str = ":memory:", *, sync: bool = True) -> None:
        self.path, self._sync, self._is_open = path, sync, False
        self.open()

    def open(self) -> None:
        """Open the file if it is closed. Raises BadInput for one that is something else."""
        if self._is_open:
            return
        try:
            # Made in one thread and used in the server's.
            self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA synchronous = {'FULL' if self._sync else 'NORMAL'}")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise BadInput(f"{self.path} cannot be the push service's store: {error}") from None
        self._is_open = True

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of the block, or none of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _count(self, question: str, *values: object) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {question}", values).fetchone()[0])

    # Devices: a subscription set of RFC 8030.

    def add_device(self, id: str, now: float) -> None:
        """Remember a device."""
        self._db.execute("INSERT INTO devices VALUES (?, ?)", (id, now))

    def see_device(self, id: str, now: float) -> bool:
        """Note that a device was here; False if it is unknown."""
        return self._db.execute("UPDATE devices SET seen = ? WHERE id = ?", (now, id)).rowcount == 1

    def devices(self) -> int:
        """How many there are."""
        return self._count("devices")

    def remove_device(self, id: str) -> bool:
        """Forget a device with its subscriptions and messages; False if it is unknown."""
        return self._db.execute("DELETE FROM devices WHERE id = ?", (id,)).rowcount == 1

    def see_devices(self, ids: Collection[str], now: float) -> None:
        """Note that all of these are here."""
        with self.changing() as db:
            db.executemany("UPDATE devices SET seen = ? WHERE id = ?", [(now, id) for id in ids])

    def remove_idle(self, before: float) -> None:
        """Forget the devices and receipt subscriptions that were not here since."""
        with self.changing() as db:
            for table in ("devices", "receipts"):
                db.execute(f"DELETE FROM {table} WHERE seen < ?", (before,))

    # Subscriptions.

    def add_subscription(self, new: Subscription) -> None:
        """Remember a subscription."""
        self._db.execute(
            "INSERT INTO subscriptions (id, push, key, ended, device) VALUES (?, ?, ?, ?, ?)", new
        )

    def find(self, push: str) -> Subscription | None:
        """The subscription that an application server knows by this name."""
        return self._subscription("push", push)

    def find_own(self, id: str) -> Subscription | None:
        """The subscription that its device knows by this name."""
        return self._subscription("id", id)

    def _subscription(self, column: str, value: str) -> Subscription | None:
        question = f"SELECT id, push, key, ended, device FROM subscriptions WHERE {column} = ?"
        row = self._db.execute(question, (value,)).fetchone()
        return Subscription(*row) if row else None

    def subscriptions(self, device: str) -> int:
        """How many a device has."""
        return self._count("subscriptions WHERE device = ? AND ended IS NULL", device)

    def end(self, id: str, now: float) -> None:
        """End a subscription: its messages go, its name stays, so that a sender can be told that it is gone."""
        with self.changing() as db:
            db.execute("UPDATE subscriptions SET ended = ? WHERE id = ?", (now, id))
            db.execute("DELETE FROM messages WHERE subscription = ?", (id,))

    # Messages.

    def put(self, new: Message) -> Message:
        """Keep a message; one of the same subscription and topic gives way in the same moment (RFC 8030 §5.4)."""
        with self.changing() as db:
            if new.topic is not None:
                place = (new.subscription, new.topic)
                db.execute("DELETE FROM messages WHERE subscription = ? AND topic = ?", place)
            row = db.execute(
                "INSERT INTO messages (id, push, topic, received, expires, urgency, receipt, body, subscription)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                new[1:],
            )
        assert row.lastrowid is not None
        return new._replace(number=row.lastrowid)

    def waiting(self, device: str, now: float, least: Urgency, after: int, limit: int) -> list[Message]:
        """What a device is yet to get behind message number `after`: still valid, urgent enough, oldest first."""
        rows = self._db.execute(
            "SELECT messages.* FROM subscriptions JOIN messages ON messages.subscription = subscriptions.id"
            " WHERE device = ? AND number > ? AND expires > ? AND urgency >= ? ORDER BY number LIMIT ?",
            (device, after, now, least, limit),
        )
        return [_message(row) for row in rows]

    def count_waiting(self, subscription: str, now: float) -> int:
        """How many messages wait for one application."""
        return self._count("messages WHERE subscription = ? AND expires > ?", subscription, now)

    def take(self, id: str) -> Message | None:
        """Remove a message that has arrived; None if it is unknown."""
        taken = self._remove("id = ?", id)
        return taken[0] if taken else None

    def expire(self, now: float) -> list[Message]:
        """Remove the messages whose time is over, and return them."""
        return self._remove("expires <= ?", now)

    def _remove(self, which: str, value: object) -> list[Message]:
        with self.changing() as db:
            found = [_message(row) for row in db.execute(f"SELECT * FROM messages WHERE {which}", (value,))]
            if found:
                db.execute(f"DELETE FROM messages WHERE {which}", (value,))
        return found

    # Receipt subscriptions.

    def add_receipts(self, id: str, now: float) -> None:
        """Remember a receipt subscription."""
        self._db.execute("INSERT INTO receipts VALUES (?, ?)", (id, now))

    def see_receipts(self, id: str, now: float) -> bool:
        """Note that a receipt subscription was used; False if it is unknown."""
        return self._db.execute("UPDATE receipts SET seen = ? WHERE id = ?", (now, id)).rowcount == 1

    def receipts(self) -> int:
        """How many receipt subscriptions there are."""
        return self._count("receipts")

    def remove_receipts(self, id: str) -> bool:
        """Forget a receipt subscription; False if it is unknown."""
        return self._db.execute("DELETE FROM receipts WHERE id = ?", (id,)).rowcount == 1

    def close(self) -> None:
        """Close the file; safe to call again."""
        self._is_open = False
        self._db.close()


def _message(row: tuple[object, ...]) -> Message:
    message = Message(*row)  # type: ignore[arg-type]
    return message._replace(urgency=Urgency(message.urgency))
