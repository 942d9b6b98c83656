"""A device: one connection to its push service, for all the applications on it.

device = Device("http://127.0.0.1:8765")
target = device.subscribe(server.public_key)      # give it to the application server
for message in device.messages(timeout=5.0):      # awake
    print(message.text)
                                                  # asleep: nobody asks, nothing is lost that may wait
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urljoin

from rtlab.clients.channel import Channel
from rtlab.clients.connection import Connection
from rtlab.clients.reader import Stats
from rtlab.clients.stream import ServerSentEvents
from rtlab.errors import BadInput, ServerError, Unavailable
from rtlab.event import Event
from rtlab.push.encryption import decrypt
from rtlab.push.headers import PUSH, SET, Urgency, link, read_links
from rtlab.push.keys import from_text
from rtlab.push.memory import Application, Memory, new_secrets
from rtlab.push.place import folder
from rtlab.push.subscriptions import Target

ANSWER_SECONDS = 10.0  # that a push service may take to answer
REMEMBERED = 1_000  # messages that would be noticed if they came again
log = logging.getLogger("rtlab.push")


class PushMessage(NamedTuple):
    """A message as its application gets it."""

    application: str
    data: bytes
    id: str  # its name at the push service

    @property
    def text(self) -> str:
        """The data as text."""
        return self.data.decode("utf-8", "replace")


class Device:
    """One device. `service`: its push service; `keep`: a file for its keys, if it shall outlive this object.

    `cacert`: a file of authorities to trust, for https.

    A message is acknowledged when the one after it is asked for, or the iteration ends by itself: whoever leaves in the
    middle (`break`, an exception) gets it again. One thread at a time.
    """

    def __init__(
        self, service: str = "", keep: Path | None = None, *, cacert: str | Path | None = None
    ) -> None:
        self._memory = Memory.read(keep)
        self._service = _service_at(service or self._memory.set)
        self.stats, self.stream_stats = Stats(), Stats()
        self._cacert = cacert
        self._http = Connection(self._service, self.stats, cacert=cacert)
        self._had: OrderedDict[str, None] = OrderedDict()
        self.spoiled = 0  # messages that could not be decrypted

    def __repr__(self) -> str:
        return f"Device({self._service.authority}, {len(self._memory.applications)} applications)"

    @property
    def targets(self) -> dict[str, Target]:
        """What each application server needs, by the application's name."""
        return {one.name: one.target for one in self._memory.applications}

    def subscribe(self, key: str | None = None, name: str = "") -> Target:
        """Subscribe an application; `key` is its server's public key, and only who has its private half may send.

        Raises ServerError, Unavailable.
        """
        headers = {"Link": link(self._memory.set, SET)} if self._memory.set else {}
        options: dict[str, Any] = {"json": {"vapid": key}} if key is not None else {}
        answer = self._ask("POST", "subscribe", headers=headers, **options)
        links = read_links([answer.headers.get("Link", "")])
        if not {PUSH, SET} <= links.keys():
            raise ServerError(answer.status_code, f"what {answer.url} answers is not a push service's")
        private, auth = new_secrets()
        made = Application(
            name or f"application {len(self._memory.applications) + 1}",
            urljoin(answer.url, links[PUSH]),
            urljoin(answer.url, answer.headers.get("Location", "")),
            private,
            auth,
        )
        self._memory.set = urljoin(answer.url, links[SET])
        self._memory.applications.append(made)
        self._memory.write()
        return made.target

    def unsubscribe(self, target: Target) -> None:
        """End a subscription: its server will be told when it sends the next time. Raises BadInput, as above."""
        found = self._find(target.endpoint)
        if found is None:
            raise BadInput(f"this device has no subscription {target.endpoint}")
        self._ask("DELETE", "subscription/" + found.own.rpartition("/")[2])
        self._memory.applications.remove(found)
        self._memory.write()

    def messages(
        self, limit: int | None = None, timeout: float | None = None, *, urgency: str = "very-low"
    ) -> Iterator[PushMessage]:
        """Be awake: connect, and iterate over what waits and what comes, for at most `timeout` seconds.

        `urgency`: the lowest that is worth it for now; with a low battery `high`. Raises ServerError when the service
        does not know this device any more.
        """
        least = Urgency.parse(urgency)
        if not self._memory.set:
            raise BadInput("this device has no subscription yet: subscribe first")
        deadline = None if timeout is None else time.monotonic() + timeout
        return self._awake(limit, deadline, least)

    def _awake(self, limit: int | None, deadline: float | None, least: Urgency) -> Iterator[PushMessage]:
        taken = 0
        place = self._service._replace(
            path=self._service.path + "/set/" + self._memory.set.rpartition("/")[2]
        )
        asked = {"Urgency": least.text}
        with ServerSentEvents(place, "start", headers=asked, cacert=self._cacert) as stream:
            self.stream_stats = stream.stats
            while limit is None or taken < limit:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                event = next(stream.events(limit=1, timeout=left), None)
                if event is None:
                    return
                if not isinstance(event, Event):
                    continue  # a slow device fell out of its log's window: what is missing comes again
                message = self._read(event.data)
                if message is not None and message.id not in self._had:
                    yield message
                    taken += 1
                self._acknowledge(event.data["message"])

    def _read(self, given: dict[str, str]) -> PushMessage | None:
        """Decrypt; what cannot be decrypted is dropped (RFC 8291 §4), and counted."""
        application = self._find(urljoin(self._memory.set, given["push"]))
        if application is None:
            return None  # unsubscribed while it was on its way
        try:
            body = from_text(given["body"])
            data = decrypt(body, application.private, application.auth) if body else b""
        except BadInput as error:
            self.spoiled += 1
            log.warning("a message for %s was dropped: %s", application.name, error)
            return None
        return PushMessage(application.name, data, given["message"])

    def _acknowledge(self, message: str) -> None:
        """Tell the service not to keep it; if that cannot be told now, the message comes again and is told again."""
        self._had[message] = None
        if len(self._had) > REMEMBERED:
            self._had.popitem(last=False)
        try:
            self._ask("DELETE", "message/" + message.rpartition("/")[2])
        except ServerError as error:
            if error.status != 404:  # replaced, or its time was over, while it was on its way
                raise
        except Unavailable as error:
            log.info("not acknowledged: %s", error)

    def _find(self, endpoint: str) -> Application | None:
        return next((one for one in self._memory.applications if one.endpoint == endpoint), None)

    def _ask(self, method: str, resource: str, **options: Any) -> Any:
        return self._http.request(method, resource, time.monotonic() + ANSWER_SECONDS, **options)

    def close(self) -> None:
        """Close the connection; safe to call again."""
        self._http.close()

    def __enter__(self) -> Device:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _service_at(url: str) -> Channel:
    """Where a push service's resources are, given its own URL or that of any of them. Raises BadInput."""
    if not url:
        raise BadInput("a device needs a push service: give its URL, such as http://127.0.0.1:8765")
    place, last = folder(url)
    above = f"{place.path}/{last}".partition("/push/")[0].rstrip("/")
    return place._replace(path=f"{above}/push")
