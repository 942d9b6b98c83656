"""Game: boats on a pond, steered by several players at once; whoever gets most buoys is admired.

Moves go up on `game.moves`, numbered, and every event repeats those that the server had not seen: so it does no harm
when one is lost, late or there twice. States come down on `game`, each a whole one with the number of the last move
of each boat that it contains; the channel keeps one, as the market's books do. The server alone decides; what a page
shows before it has the server's word is a prediction. `game.signals` is for pages that want to talk to each other
without the server (WebRTC): it carries what they must say to each other first.

The pond is in memory: a server that is started again begins with a new one. Whoever knows a boat's id can steer it,
and ids are in every state; lesson 11 says what a game with prizes would need.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Mapping
from typing import Any

from rtlab.apps.app import App, Hub
from rtlab.apps.audience import Audience
from rtlab.apps.fields import form
from rtlab.apps.game.referee import TICK, WAITING, Referee
from rtlab.apps.game.rules import MOVES
from rtlab.errors import BadInput
from rtlab.event import Event
from rtlab.server.app import Server

IDLE = 0.1  # seconds between two looks whether anybody has come
PLAYER = re.compile(r"boat-[a-z0-9]{4,16}")
NAME = 16  # letters of a name at most
SIGNALS = ("hello", "offer", "answer", "candidate")
SIGNAL = 20_000  # letters of a description at most
LARGEST = 2**31  # number of a move


class Game(App):
    """The pond, which lives while somebody reads its states; `seed` says where buoys and new boats are."""

    name, title = "game", "Pond"
    summary = "A small game for several: steer a boat, get the buoys"

    def __init__(self, seed: int = 1) -> None:
        if not 0 < seed < 2147483647:
            raise BadInput(f"seed={seed}: give a whole number from 1 to 2147483646")
        self.referee = Referee(seed)

    @property
    def keeps(self) -> Mapping[str, int]:
        """Of a state only the newest is worth keeping."""
        return {self.name: 1}

    def attend(self, server: Server) -> None:
        """See who reads here."""
        self._audience = Audience(server, self.name)

    def check(self, channel: str, data: Any) -> None:
        """Refuse what is no move and no signal; states are the server's."""
        fields = form(data)
        if channel == f"{self.name}.moves":
            self._check_moves(fields)
        elif channel == f"{self.name}.signals":
            check_signal(fields)
        else:
            raise BadInput(f"on {channel} only the server speaks: send moves to {self.name}.moves")

    def _check_moves(self, fields: Mapping[str, Any]) -> None:
        player, name, first, moves = (fields.get(field) for field in ("player", "name", "first", "moves"))
        check_player(player)
        if not isinstance(name, str) or not 0 < len(name.strip()) <= NAME:
            raise BadInput(f"name: give 1 to {NAME} letters")
        if not isinstance(first, int) or isinstance(first, bool) or not 0 < first < LARGEST:
            raise BadInput("first: give the number of the first move, from 1 on")
        if not isinstance(moves, list) or len(moves) > WAITING:
            raise BadInput(f"moves: give a list of at most {WAITING}")
        for move in moves:
            if not isinstance(move, str) or move not in MOVES:
                raise BadInput(f"{str(move)[:20]!r} is no move: there are {', '.join(MOVES)}")
        if not self.referee.has_room(str(player)):
            raise BadInput("The pond is full: wait until a boat leaves.")

    async def run(self, hub: Hub) -> None:
        """Hear the moves, and tell the state of each tick."""
        await asyncio.gather(self._hear(hub), self._tick(hub))

    async def _hear(self, hub: Hub) -> None:
        async for item in hub.read(f"{self.name}.moves"):
            if isinstance(item, Event):
                with contextlib.suppress(BadInput):  # from a server without this application
                    self.check(f"{self.name}.moves", item.data)
                    self._take(item.data)

    def _take(self, told: Mapping[str, Any]) -> None:
        now = time.monotonic()
        self.referee.hear(told["player"], told["name"].strip(), told["first"], told["moves"], now)

    async def _tick(self, hub: Hub) -> None:
        await hub.publish(self.name, self.referee.pond)
        due = time.monotonic()
        while True:
            due = max(due + TICK, time.monotonic())  # a machine that was busy does not catch up
            await asyncio.sleep(due - time.monotonic())
            if self._audience.present:
                await hub.publish(self.name, self.referee.tick(time.monotonic()))
            else:
                await self._rest(hub)

    async def _rest(self, hub: Hub) -> None:
        """Nobody is there: see only that whoever comes finds the pond."""
        if self._audience.forgotten:
            await hub.publish(self.name, self.referee.pond)
        await asyncio.sleep(IDLE)


def check_player(player: object) -> None:
    """Raise BadInput for what is no boat's id."""
    if not isinstance(player, str) or not PLAYER.fullmatch(player):
        raise BadInput(f"{str(player)[:30]!r} is no boat: use boat- and 4 to 16 of a-z and 0-9")


def check_signal(fields: Mapping[str, Any]) -> None:
    """Raise BadInput for what two pages cannot use to find each other."""
    check_player(fields.get("from"))
    check_player(fields.get("to"))
    if fields.get("kind") not in SIGNALS or not isinstance(fields.get("text"), str):
        raise BadInput(f"a signal has a kind, one of {', '.join(SIGNALS)}, and a text")
    if len(fields["text"]) > SIGNAL:
        raise BadInput(f"a signal of {len(fields['text'])} letters: give at most {SIGNAL}")
