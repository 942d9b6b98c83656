"""One poll after another: the question, its answer, and the time of the next question."""

import re
import time
from abc import abstractmethod
from pathlib import Path
from typing import Any

import requests

from rtlab.clients.connection import Connection, retry_after
from rtlab.clients.reader import Reader, earlier, is_cursor
from rtlab.errors import ServerError
from rtlab.event import Event, Gap


class Polling(Reader):
    """The base of all readers that poll. They differ in when they ask and whether the answer may wait.

    `period`: seconds from the start of one request to the start of the next, as it is now; where an answer
    takes longer, the next request follows it at once.
    """

    ANSWER_SECONDS = 10.0  # that an answer may take, besides the time that it is held
    GRACE = 0.5  # seconds that a request on its way may outlast the caller's time limit
    hold = 0.0  # seconds that the server may hold a request
    technique = (
        "short"  # how it calls itself in User-Agent: on the wire alone short and adaptive look the same
    )

    def __init__(
        self,
        url: str,
        after: str,
        period: float,
        keep_alive: bool,
        cacert: str | Path | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(url, after)
        self.period = period
        self._http = Connection(self.channel, self.stats, keep_alive, cacert, token)
        self._http.session.headers["User-Agent"] = f"rtlab ({self.technique})"
        self._asked = time.monotonic()  # the start of the last request
        self._due = self._asked

    @abstractmethod
    def _next_period(self, events: int, elapsed: float, answer: requests.Response) -> float:
        """The period after an answer that brought so many events, `elapsed` seconds after the one before."""

    def _question(self) -> dict[str, Any]:
        """How to ask for what is behind the cursor: `params` and `headers` of a request."""
        return {"params": {"after": self._position}}

    def _read(self, deadline: float | None) -> None:
        """Wait until the next request is due, ask, and take the answer whole."""
        if not self._wait_until(self._due, deadline):
            return
        began, knew = time.monotonic(), self._is_open()
        self._due = began + self.period  # also if there is no answer
        limit = earlier(None if deadline is None else deadline + self.GRACE, self.hold + self.ANSWER_SECONDS)
        answer = self._http.request("GET", "events", limit, **self._question())
        items, cursor = contents(answer, self._position)
        if knew:  # the first question only asked where we are
            events = sum(isinstance(item, Event) for item in items)
            self.stats.empty += not items
            self.period = self._next_period(events, began - self._asked, answer)
            self._due = began + self.period
        self._asked = began
        self._received(items, cursor)

    def _hang_up(self) -> None:
        self._http.line.hang_up()

    def _release(self) -> None:
        self._http.close()


def contents(answer: requests.Response, cursor: str) -> tuple[list[Event | Gap], str]:
    """What an answer brings, and the cursor behind it."""
    if answer.status_code == 304:
        return [], cursor
    try:
        document = answer.json()
        gap = document["gap"]
        items: list[Event | Gap] = [] if gap is None else [Gap(gap["missed"], gap["cursor"])]
        items += [Event(event["id"], event["time"], event["data"]) for event in document["events"]]
        if not is_cursor(cursor := document["cursor"]):
            raise ValueError(cursor)
        return items, cursor
    except (ValueError, KeyError, TypeError):
        raise ServerError(answer.status_code, f"what {answer.url} answers is not a channel's") from None


def hint(answer: requests.Response) -> float | None:
    """How long the server says that there will be nothing new (RFC 9111 §5.2.2.1, RFC 9110 §10.2.3)."""
    age = re.search(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]{1,9})", answer.headers.get("Cache-Control", ""), re.I)
    if age:
        return float(age[1])
    wanted = answer.headers.get("Retry-After")
    return None if wanted is None else retry_after(wanted)
