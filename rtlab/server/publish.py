"""Publishing: one `POST` appends one event to a channel's log."""

from __future__ import annotations

import re

from tornado.web import HTTPError

from rtlab.errors import LimitExceeded, Refused, RtlabError
from rtlab.event import read_json
from rtlab.server.handler import Handler
from rtlab.server.heads import implements, last_answer


class PublishHandler(Handler):
    """`POST /channels/NAME/events` with any JSON as its body; the body is read as it arrives, up to the limit."""

    def prepare(self) -> None:
        """Judge a request by its head.

        Who asks first (RFC 9110 §10.1.1) is refused at once; from others the body is taken and dropped before,
        for a client that is still writing when we close the connection may never see the answer.
        """
        self.body = bytearray()
        self.body_length = 0
        self.refusal: HTTPError | RtlabError | None = None
        most = self.server.DISCARDED_BODY_BYTES
        self.request.connection.set_max_body_size(most)  # type: ignore[union-attr]
        try:
            super().prepare()
            if self.request.method == "POST":
                self.check_head()
            elif "Expect" in self.request.headers and not implements(type(self), self.request.method):
                raise HTTPError(405)
        except (HTTPError, RtlabError) as error:
            self.refusal = error
            unknown = not implements(type(self), self.request.method)
            if "Expect" in self.request.headers or unknown or self.announced_length() > most:
                last_answer(self.request)
                raise

    def check_refusal(self) -> None:
        """Refuse, now that the body has come, what was judged by its head."""
        if self.refusal is not None:
            raise self.refusal

    def check_head(self) -> None:
        """Refuse who may not publish here, and a body of the wrong kind or length, or one that grows when decoded."""
        self.channel(self.path_args[0])
        coding = self.request.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("identity", ""):
            # RFC 9110 §15.5.16, §12.5.3: a 415 for its coding says which ones would do.
            detail = f"the Content-Encoding is {coding[:40]}: send the body as it is"
            raise Refused(415, detail, {"Accept-Encoding": "identity"})
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HTTPError(415, f"the Content-Type is {kind or 'missing'}: publish application/json")
        self.check_length(self.announced_length())

    def check_length(self, length: int) -> None:
        """Refuse a body of too many bytes."""
        if length > (limit := self.server.limits.body_bytes):
            raise LimitExceeded("body_bytes", limit, f"the body has {length} bytes: send at most {limit}")

    def announced_length(self) -> int:
        """The `Content-Length`; 0 where there is none, or one that Tornado will refuse."""
        text = self.request.headers.get("Content-Length", "")
        return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body while it is within the limit."""
        self.body_length += len(chunk)
        if self.body_length <= self.server.limits.body_bytes and self.refusal is None:
            self.body += chunk

    def options(self, *path: str) -> None:
        """As everywhere, for who may ask."""
        self.check_refusal()
        super().options(*path)

    async def post(self, name: str) -> None:
        """Append the body; `201` with the new event's id, or `200` if its Idempotency-Key was known."""
        self.check_refusal()
        self.check_length(self.body_length)
        channel = self.channel(name)
        self.server.admission.check_publish(self.address)
        data = read_json(bytes(self.body))
        channel.check(data)
        event, fresh = await channel.append(data, self.request.headers.get("Idempotency-Key"))
        self.set_status(201 if fresh else 200)
        self.set_header("Location", f"/channels/{name}/events/{event.id}")
        self.finish({"id": event.id})
