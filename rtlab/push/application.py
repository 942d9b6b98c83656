"""An application server: it encrypts each message to its device, signs for itself, and hands both to a push service.

    server = ApplicationServer(load_key(path), "mailto:you@example.org")
    target = server.subscriptions.add(subscription)            # what the browser or the device gave you
    server.send(target, b"your parcel is here", ttl=3600)

It works towards the push service of any browser vendor: the endpoint says which one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urljoin

from cryptography.hazmat.primitives.asymmetric import ec

from rtlab.clients.channel import Channel
from rtlab.clients.connection import Connection
from rtlab.clients.reader import Stats
from rtlab.clients.stream import ServerSentEvents
from rtlab.errors import BadInput, ServerError, Unavailable
from rtlab.event import Event
from rtlab.push.encryption import encrypt
from rtlab.push.headers import RECEIPT, Urgency, link, read_links, read_topic
from rtlab.push.keys import new_key
from rtlab.push.place import folder
from rtlab.push.subscriptions import Subscriptions, Target
from rtlab.push.vapid import authorization, key_text

ANSWER_SECONDS = 10.0  # that a push service may take to answer
GONE = (404, 410)  # the subscription is over (RFC 8030 §7.3)
DAY = 24 * 3600


class Sent(NamedTuple):
    """What the push service answered: it has the message. Whether the device will have it, nobody knows yet."""

    status: int
    message: str  # its URL at the service
    ttl: int  # seconds that the service keeps it
    receipts: str | None  # where the service tells what became of it


class Receipt(NamedTuple):
    """What became of a message: its URL, and 204 (the device has it) or 410 (it will not have it)."""

    message: str
    status: int


class ApplicationServer:
    """Who sends. `key` is its own for ever (it signs); `contact` is told to push services, for when something is wrong;
    `clock`: seconds since 1970, which tokens are dated by; `cacert`: a file of authorities to trust, for https. One
    thread at a time.
    """

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey | None = None,
        contact: str = "mailto:lab@example.org",
        subscriptions: Subscriptions | None = None,
        *,
        clock: Callable[[], float] = time.time,
        cacert: str | Path | None = None,
    ) -> None:
        self._key = key or new_key()
        self._cacert = cacert
        self.contact, self.clock = contact, clock
        self.subscriptions = Subscriptions() if subscriptions is None else subscriptions
        self.stats = Stats()
        self._services: dict[tuple[str, int, bool], Connection] = {}
        self._receipts: dict[tuple[str, int, bool], str] = {}  # of each push service, used again and again

    def __repr__(self) -> str:
        return f"ApplicationServer({self.public_key[:8]}…, {len(self.subscriptions)} subscriptions)"

    @property
    def public_key(self) -> str:
        """What devices name when they subscribe: then nobody else can send to them."""
        return key_text(self._key)

    def send(
        self,
        target: Target,
        data: bytes | str,
        *,
        ttl: int = DAY,
        urgency: str = "normal",
        topic: str | None = None,
        receipt: bool = False,
    ) -> Sent:
        """Send one message: it is kept for at most `ttl` seconds (0: now or never).

        Raises ServerError if the service refuses it (after 404 and 410 the subscription is removed), Unavailable if it
        cannot be reached, and BadInput.
        """
        if ttl < 0:
            raise BadInput(f"a TTL of {ttl}: give whole seconds, 0 or more")
        body = encrypt(data.encode() if isinstance(data, str) else data, target.p256dh, target.auth)
        headers = {
            "Authorization": authorization(self._key, target.endpoint, self.contact, self.clock),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(ttl)),
            "Urgency": Urgency.parse(urgency).text,
        }
        if topic is not None:
            headers["Topic"] = str(read_topic(topic))
        return self._post(target.endpoint, body, headers, receipt)

    def _post(self, endpoint: str, body: bytes, headers: dict[str, str], receipt: bool) -> Sent:
        place, resource = folder(endpoint)
        service = place[:3]
        if receipt:
            headers["Prefer"] = "respond-async"
            if service in self._receipts:
                headers["Link"] = link(self._receipts[service], RECEIPT)
        try:
            answer = self._connection(place).request(
                "POST", resource, time.monotonic() + ANSWER_SECONDS, data=body, headers=headers
            )
        except ServerError as refused:
            if refused.status in GONE:
                self.subscriptions.remove(endpoint)
            raise
        links = read_links([answer.headers.get("Link", "")])
        receipts = urljoin(endpoint, links[RECEIPT]) if receipt and RECEIPT in links else None
        if receipts is not None:
            self._receipts[service] = receipts
        kept = answer.headers.get("TTL", headers["TTL"])
        return Sent(
            answer.status_code,
            urljoin(endpoint, answer.headers.get("Location", "")),
            int(kept) if kept.isdigit() else int(headers["TTL"]),
            receipts,
        )

    def _connection(self, place: Channel) -> Connection:
        """One connection to each push service, kept alive."""
        if place[:3] not in self._services:
            self._services[place[:3]] = Connection(place, self.stats, cacert=self._cacert)
        connection = self._services[place[:3]]
        connection.channel = place
        return connection

    def send_to_all(
        self, data: bytes | str, **options: object
    ) -> dict[str, Sent | ServerError | Unavailable]:
        """Send to every subscription; what became of each, by endpoint. Options as for `send`."""
        results: dict[str, Sent | ServerError | Unavailable] = {}
        for target in self.subscriptions:
            try:
                results[target.endpoint] = self.send(target, data, **options)  # type: ignore[arg-type]
            except (ServerError, Unavailable) as error:
                results[target.endpoint] = error
        return results

    def receipts(self, url: str, limit: int | None = None, timeout: float | None = None) -> Iterator[Receipt]:
        """What became of the messages that were sent with `receipt=True`; `url` is `Sent.receipts`.

        From the oldest that the service remembers; ends after `limit` of them or `timeout` seconds.
        """
        place, name = folder(url)
        stream_at = place._replace(path=f"{place.path}/{name}")
        with ServerSentEvents(stream_at, "start", cacert=self._cacert) as stream:
            for event in stream.events(limit, timeout):
                if isinstance(event, Event):
                    yield Receipt(urljoin(url, event.data["message"]), event.data["status"])

    def close(self) -> None:
        """Close the connections; safe to call again."""
        for connection in self._services.values():
            connection.close()
        self._services.clear()

    def __enter__(self) -> ApplicationServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
