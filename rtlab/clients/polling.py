"""Short, adaptive and long polling: ask, and ask again.

GET /channels/NAME/events?after=CURSOR              short and adaptive: answered at once
GET …  with  If-None-Match: "CURSOR"                the same, with a smaller answer when there is nothing
GET …?after=CURSOR&wait=25                          long: answered when there is something
"""

import math
from pathlib import Path
from typing import Any

import requests

from rtlab.clients.pace import Backoff, Fixed, Pace
from rtlab.clients.poll import Polling, hint
from rtlab.errors import BadInput


class AdaptivePolling(Polling):
    """Asks after an interval that `pace` chooses anew with each answer (see `rtlab.clients.pace`).

    A pace remembers the answers before: give each reader one of its own. An interval is from the start of one
    request to the start of the next. `keep_alive=False`: a new connection for each request.
    """

    technique = "adaptive"

    def __init__(
        self,
        url: str,
        pace: Pace | None = None,
        after: str = "now",
        *,
        keep_alive: bool = True,
        cacert: str | Path | None = None,
        token: str | None = None,
    ) -> None:
        self.pace = Backoff() if pace is None else pace
        super().__init__(url, after, self.pace.interval, keep_alive, cacert, token)

    def _next_period(self, events: int, elapsed: float, answer: requests.Response) -> float:
        return self.pace.next(events, elapsed, hint(answer))


class ShortPolling(AdaptivePolling):
    """Asks every `interval` seconds: adaptive polling that does not adapt.

    `conditional`: with If-None-Match, so that an answer without news is a 304 (RFC 9110 §13.1.2).
    """

    technique = "short"

    def __init__(
        self,
        url: str,
        interval: float = 1.0,
        after: str = "now",
        *,
        conditional: bool = False,
        keep_alive: bool = True,
        cacert: str | Path | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(url, Fixed(interval), after, keep_alive=keep_alive, cacert=cacert, token=token)
        self.interval, self.conditional = interval, conditional

    def _question(self) -> dict[str, Any]:
        if self.conditional and self._is_open():
            return {"headers": {"If-None-Match": f'"{self._position}"'}}  # the ETag is the cursor
        return super()._question()


class LongPolling(Polling):
    """Asks again as soon as it is answered; the server holds each request up to `wait` seconds for an event.

    `prefer`: says so by `Prefer: wait=…` (RFC 7240 §4.3, whole seconds) instead of in the URL.
    """

    technique = "long"
    GRACE = 0.0  # a held request is given up at the caller's time limit

    def __init__(
        self,
        url: str,
        wait: float = 25.0,
        after: str = "now",
        *,
        prefer: bool = False,
        keep_alive: bool = True,
        cacert: str | Path | None = None,
        token: str | None = None,
    ) -> None:
        if not 0 < wait < math.inf or (prefer and wait != int(wait)):
            raise BadInput(f"wait={wait!r}: give seconds above 0{', whole ones for Prefer' * prefer}")
        super().__init__(url, after, 0.0, keep_alive, cacert, token)
        self.wait, self.prefer = wait, prefer
        self.hold = wait

    def _question(self) -> dict[str, Any]:
        question = super()._question()
        if not self._is_open():
            return question  # where are we? No reason to wait for that
        if self.prefer:
            return question | {"headers": {"Prefer": f"wait={self.wait:.0f}"}}
        return {"params": question["params"] | {"wait": f"{self.wait:g}"}}

    def _next_period(self, events: int, elapsed: float, answer: requests.Response) -> float:
        # At once; but a server that answers before there is anything must not be asked in a tight loop.
        return 0.0 if events else min(self.wait, 1.0)
