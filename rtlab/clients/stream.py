"""Server-sent events: ask once; the answer goes on for as long as both sides live.

GET /channels/NAME/stream
Last-Event-ID: CURSOR
"""

import json
from collections.abc import Mapping
from pathlib import Path

from rtlab.clients.channel import Channel
from rtlab.clients.connection import LONGEST_WAIT, Body, Connection
from rtlab.clients.reader import SILENCE, Reader, earlier, is_past
from rtlab.errors import LimitExceeded, ServerError, Unavailable
from rtlab.event import Event, Gap
from rtlab.protocol.event_stream import CONTENT_TYPE, Comment, EventStreamParser, Retry, StreamEvent

ANSWER_SECONDS = 10.0  # that the head of the answer may take


class ServerSentEvents(Reader):
    """Reads one open response; when it breaks, opens another where it was.

    `silence`: seconds without a byte, not even a heartbeat, after which the connection counts as dead. `headers`: what
    else to ask with (a browser's EventSource cannot).
    """

    def __init__(
        self,
        url: str | Channel,
        after: str = "now",
        *,
        silence: float = SILENCE,
        headers: Mapping[str, str] | None = None,
        cacert: str | Path | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(url, after)
        self.silence = silence
        self.headers = dict(headers or {})
        self._http = Connection(self.channel, self.stats, cacert=cacert, token=token)
        self._body: Body | None = None
        self._parser = EventStreamParser()

    def _is_open(self) -> bool:
        return self._body is not None and super()._is_open()

    def _read(self, deadline: float | None) -> None:
        """Connect if need be; then take the bytes that come next, and the blocks that they complete."""
        try:
            if self._body is None:
                self._body = self._connect(deadline)
            data = self._http.receive(self._body, earlier(deadline, self.silence))
            if data is not None:
                self._take(data)
            elif not is_past(deadline):
                raise Unavailable(f"{self.channel.authority} was silent for {self.silence:g} s")
        except (Unavailable, ServerError):
            self._drop()
            raise

    def _connect(self, deadline: float | None) -> Body:
        known = super()._is_open()
        answer = self._http.request(
            "GET",
            "stream",
            earlier(deadline, ANSWER_SECONDS),
            stream=True,
            params={} if known else {"after": self._position},
            headers=self.headers
            | {"Accept": CONTENT_TYPE, "Accept-Encoding": "identity"}
            | ({"Last-Event-ID": self._position} if known else {}),
        )
        body = Body(answer)
        if answer.headers.get("Content-Type", "").partition(";")[0].strip() != CONTENT_TYPE:
            body.close()
            raise ServerError(answer.status_code, f"what {answer.url} answers is not an event stream")
        # A new answer begins a new stream: half a block of the old one is nothing to go on with.
        self._parser = EventStreamParser(self._position if known else "")
        return body

    def _take(self, data: bytes) -> None:
        """Move on with each block, so that the cursor never covers half of one."""
        # Before the first event only an id says where we are, in a block that has no data: look after each line.
        for piece in [data] if super()._is_open() else data.splitlines(keepends=True):
            try:
                items = self._parser.receive_data(piece)
            except LimitExceeded as error:
                raise ServerError(200, str(error)) from None
            for item in items:
                self._take_item(item)
            if not super()._is_open() and self._parser.last_event_id:
                self._received([], self._parser.last_event_id)

    def _take_item(self, item: StreamEvent | Retry | Comment) -> None:
        if isinstance(item, Retry):
            self._least_pause = min(item.milliseconds, 1000 * LONGEST_WAIT) / 1000
        elif isinstance(item, Comment):
            self._failures = 0  # a heartbeat: the connection is well
        elif item.event in ("message", "gap"):
            self._received([_contents(item)], item.id)

    def _drop(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            body.close()

    def _hang_up(self) -> None:
        self._http.line.hang_up()

    def _release(self) -> None:
        self._drop()
        self._http.close()


def _contents(block: StreamEvent) -> Event | Gap:
    try:
        members = json.loads(block.data)
        if block.event == "gap":
            return Gap(members["missed"], members["cursor"])
        return Event(members["id"], members["time"], members["data"])
    except (ValueError, KeyError, TypeError):
        raise ServerError(200, f"a block of the stream is not an event: {block.data[:200]}") from None
