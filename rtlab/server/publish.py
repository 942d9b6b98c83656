"""Publishing: one `POST` appends one event to a channel's log."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from tornado.web import HTTPError

from rtlab.errors import InvalidData, LimitExceeded
from rtlab.event import Cursor
from rtlab.server.handler import Handler


class PublishHandler(Handler):
    """`POST /channels/NAME/events` with any JSON as its body; the body is read as it arrives, up to the limit."""

    def prepare(self) -> None:
        """Refuse a body of the wrong kind or length before it is read."""
        super().prepare()
        self.body = bytearray()
        self.body_length = 0
        if self.request.method != "POST":
            return
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HTTPError(415, f"the Content-Type is {kind or 'missing'}: publish application/json")
        # Who asks first (RFC 9110 §10.1.1) is answered at once; from others the body is taken and dropped,
        # for a client that is still writing when we close the connection may never see the answer.
        length = int(self.request.headers.get("Content-Length", "0"))
        limit = self.server.limits.body_bytes
        if length > limit and (
            self.request.headers.get("Expect") or length > self.server.DISCARDED_BODY_BYTES
        ):
            self.too_large(length)

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body while it is within the limit."""
        self.body_length += len(chunk)
        if self.body_length <= self.server.limits.body_bytes:
            self.body += chunk

    def too_large(self, length: int) -> NoReturn:
        """Refuse a body of `length` bytes."""
        limit = self.server.limits.body_bytes
        raise LimitExceeded("body_bytes", limit, f"the body has {length} bytes: send at most {limit}")

    def post(self, name: str) -> None:
        """Append the body; `201` with the new event's id, or `200` if its Idempotency-Key was known."""
        channel = self.channel(name)
        if self.body_length > self.server.limits.body_bytes:
            self.too_large(self.body_length)
        self.server.admission.check_publish(self.address)
        event, fresh = channel.publish(
            read_json(bytes(self.body)), self.request.headers.get("Idempotency-Key")
        )
        self.set_status(201 if fresh else 200)
        self.set_header("Location", f"/channels/{name}/events/{event.id}")
        self.finish({"id": event.id})


class EventHandler(Handler):
    """`/channels/NAME/events/CURSOR`: one event, while the log keeps it."""

    def get(self, name: str, cursor: str) -> None:
        """Answer with the event; `410` when the window has moved on, `404` when there never was one."""
        log, place = self.channel(name).log, Cursor.parse(cursor)
        if log is None or place.log != log.id or not 0 < place.position <= log.end:
            raise HTTPError(404, f"there is no event {cursor} on {name}")
        if place.position <= log.first:
            raise HTTPError(
                410, f"the event {cursor} was kept until {log.end - log.first} newer ones had come"
            )
        (encoded,), _ = log.encoded(place.position - 1, lambda _event, json: json, 0, limit=1)
        self.set_header("Content-Type", "application/json")
        self.finish(encoded)


def read_json(text: bytes | str) -> Any:
    """Any JSON text as data. Raises InvalidData: not JSON, not UTF-8, nested too deeply, NaN or Infinity."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise InvalidData(f"the JSON is not UTF-8: byte {error.start} is wrong") from None
    except json.JSONDecodeError as error:
        raise InvalidData(f"this is not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise InvalidData("the JSON is nested too deeply: flatten it") from None
    except ValueError as error:
        raise InvalidData(f"this is not JSON that can be kept: {error}") from None


def _no_number(name: str) -> NoReturn:
    raise InvalidData(f"{name} is not JSON (RFC 8259 §6): use null or a string")
