"""A boat that is steered from Python, as the page steers one: moves go up, states come down, and it predicts.

with Player(lab.url, "Ada") as ada:
    ada.move("e")
    ada.settle()                        # until the server has seen it
    print(ada.delays, ada.corrections)
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rtlab.apps.game.prediction import Prediction
from rtlab.apps.game.rules import MOVES
from rtlab.clients import WebSocket
from rtlab.errors import RtlabError
from rtlab.event import Event

AGAIN = 0.5  # seconds until moves that wait are sent again
STILL_HERE = 2.0  # seconds until it is said that we are there
AT_ONCE = 8  # events on their way up: nobody waits for the answer to the one before


class Player:
    """One boat on the pond of the server at `server`, until `close()` or the block's end.

    `delays`: of each move that the server has seen, in seconds, until a state said so, which without prediction is
    from key to picture; `shown`: until it was shown here. `corrections`: how far each state moved the boat that was
    shown. Raises ServerError if the pond is full, Unavailable if there is no server.
    """

    def __init__(self, server: str, name: str) -> None:
        self.name, self.id = name, f"boat-{secrets.token_hex(4)}"
        self.prediction = Prediction(self.id)
        self.delays: list[float] = []
        self.shown: list[float] = []
        self.corrections: list[float] = []
        self.arrivals: dict[str, int] = {}  # a state's event id → monotonic ns
        self._made: dict[int, float] = {}  # a move's number → when it was made
        self._said = 0.0
        self._states = WebSocket(f"{server}/channels/game", after="last")
        self._moves = WebSocket(f"{server}/channels/game.moves")
        self._changed, self._gone = threading.Condition(), threading.Event()
        self._senders = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rtlab player")
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._stay)]

    def __enter__(self) -> Player:
        try:
            self._moves.__enter__()
            self._states.__enter__()
            self._moves.send(self._news())
        except RtlabError:
            self.close()
            raise
        for thread in self._threads:
            thread.start()
        if not self.wait(lambda: self.boat is not None):
            self.close()
            raise RtlabError("there is no boat after 10 s: the pond may be full, or nobody runs it")
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    @property
    def boat(self) -> Any:
        """The own boat as it is shown; None while there is none."""
        shown = self.prediction.shown
        return shown["boats"].get(self.id) if shown else None

    def move(self, move: str) -> int:
        """Make a move: it is shown at once, and sent; its number."""
        began = time.monotonic()
        with self._changed:
            number = self.prediction.move(move)
            self._made[number] = began
            self.shown.append(time.monotonic() - began)
            news = self._news()
        self._senders.submit(self._send, news)
        return number

    def chase(self, player: str) -> int:
        """Make the move that goes most towards another boat, as shown here; its number. KeyError without one."""
        with self._changed:
            assert self.prediction.shown is not None
            own, other = (self.prediction.shown["boats"][who] for who in (self.id, player))
            x, y = other["x"] - own["x"], other["y"] - own["y"]
            return self.move(max(MOVES, key=lambda move: x * MOVES[move][0] + y * MOVES[move][1]))

    def wait(self, holds: Callable[[], Any], seconds: float = 10.0) -> bool:
        """Wait until something holds of what was told; whether it does, within so many seconds."""
        with self._changed:
            return bool(self._changed.wait_for(holds, seconds))

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until the server has seen every move; whether it has, within so many seconds."""
        return self.wait(lambda: not self.prediction.waiting, seconds)

    def close(self) -> None:
        """Stop; the boat stays for some seconds and then leaves. Safe to call again."""
        self._gone.set()
        self._senders.shutdown(wait=False, cancel_futures=True)
        self._states.close()
        self._moves.close()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(5.0)

    def _news(self) -> dict[str, Any]:
        """That we are there, and every move that the server has not seen."""
        self._said = time.monotonic()
        waiting = self.prediction.waiting
        first = waiting[0][0] if waiting else self.prediction.number + 1
        return {"player": self.id, "name": self.name, "first": first, "moves": [move for _, move in waiting]}

    def _send(self, news: dict[str, Any]) -> None:
        with contextlib.suppress(RtlabError):  # what was not heard is sent again
            self._moves.send(news)

    def _listen(self) -> None:
        for item in self._states.events():
            now = time.monotonic_ns()
            with self._changed:
                if isinstance(item, Event):
                    self.arrivals[item.id] = now
                    self._told(item.data, now / 1e9)
                elif item.missed is None:
                    self.prediction.begin()
                self._changed.notify_all()

    def _told(self, pond: Any, now: float) -> None:
        self.corrections.append(self.prediction.receive(pond))
        if self.id in pond["boats"]:
            seen = pond["boats"][self.id]["seen"]
            for number in [number for number in self._made if number <= seen]:
                self.delays.append(now - self._made.pop(number))

    def _stay(self) -> None:
        while not self._gone.wait(AGAIN / 2):
            with self._changed:
                silent = time.monotonic() - self._said
                due = silent > (AGAIN if self.prediction.waiting else STILL_HERE)
                news = self._news() if due else None
            if news is not None:
                self._send(news)
