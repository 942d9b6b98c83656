"""Publishing over HTTP: one POST appends one event."""

import time
from pathlib import Path
from types import TracebackType
from typing import Any

from rtlab.clients.channel import Channel
from rtlab.clients.connection import Connection
from rtlab.clients.reader import Stats
from rtlab.errors import BadInput, ServerError, Unavailable
from rtlab.event import encode_data

ANSWER_SECONDS = 10.0  # that an answer may take
PAUSES = (0.2, 0.4, 0.8, 1.6)  # seconds before another attempt, with a key


class Publisher:
    """Publishes to one channel over one connection that is kept alive. One thread at a time."""

    def __init__(self, url: str, *, cacert: str | Path | None = None, token: str | None = None) -> None:
        self.channel = Channel.parse(url)
        self.stats = Stats()
        self._http = Connection(self.channel, self.stats, cacert=cacert, token=token)

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def publish(self, data: Any, key: str | None = None) -> str:
        """Append an event with any JSON as `data`; its id.

        With a `key` (an `Idempotency-Key` of your own making) a request that may have been lost is sent again, and
        the event is still appended once. Without one nobody can know, so it is not.
        Raises InvalidData, ServerError if the server refuses it, Unavailable if it cannot be reached.
        """
        body = encode_data(data)
        for pause in PAUSES if key is not None else ():
            try:
                return self._post(body, key)
            except Unavailable as trouble:
                if trouble.retry_after:
                    raise
            time.sleep(pause)
        return self._post(body, key)

    def _post(self, body: bytes, key: str | None) -> str:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            if not (key.isascii() and key.isprintable() and key.strip() == key != ""):
                raise BadInput(
                    f"the key {key[:80]!r} cannot be a header: use printable ASCII, for example a UUID"
                )
            headers["Idempotency-Key"] = key
        deadline = time.monotonic() + ANSWER_SECONDS
        answer = self._http.request("POST", "events", deadline, data=body, headers=headers)
        try:
            return str(answer.json()["id"])
        except (ValueError, KeyError, TypeError):
            raise ServerError(answer.status_code, f"what {answer.url} answers is not a channel's") from None

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def publish(
    url: str, data: Any, key: str | None = None, *, cacert: str | Path | None = None, token: str | None = None
) -> str:
    """Append one event to the channel at `url`; its id. Raises as `Publisher.publish`, and BadInput for the URL."""
    with Publisher(url, cacert=cacert, token=token) as publisher:
        return publisher.publish(data, key)
