"""The rules of the pond: where boats are, what a move does, who gets a buoy. No sockets, no clock, no dice.

A state is plain data and a move makes a new one of it, so the server and every page can apply the same rules. All
numbers are whole, and chance is in the state, as `seed`: `rules.js` comes to the very same states, which a test holds.
"""

from __future__ import annotations

from typing import TypedDict

WIDTH, HEIGHT = 960, 480
RADIUS = 16  # of a boat
REACH = 34  # from a boat's middle to that of a buoy that it gets
BUOYS = 4
MARGIN = 40  # between the bank and a buoy, or a new boat
TRIES = 20  # places that are tried for a new boat
MOVES: dict[str, tuple[int, int]] = {
    "n": (0, -10),
    "ne": (7, -7),
    "e": (10, 0),
    "se": (7, 7),
    "s": (0, 10),
    "sw": (-7, 7),
    "w": (-10, 0),
    "nw": (-7, -7),
}


class Boat(TypedDict):
    """One player's boat: its middle, the buoys that it got, and the number of the last move that was applied."""

    name: str
    x: int
    y: int
    score: int
    seen: int


class Pond(TypedDict):
    """A whole state: each one makes all before it worthless."""

    tick: int
    seed: int
    boats: dict[str, Boat]
    buoys: list[list[int]]


def new_pond(seed: int = 1) -> Pond:
    """A pond with buoys and no boats; `seed` is from 1 to 2,147,483,646."""
    buoys = []
    for _ in range(BUOYS):
        place, seed = _place(seed)
        buoys.append(place)
    return {"tick": 0, "seed": seed, "boats": {}, "buoys": buoys}


def launch(pond: Pond, player: str, name: str) -> Pond:
    """A new boat, where there is room."""
    seed = pond["seed"]
    for _ in range(TRIES):
        (x, y), seed = _place(seed)
        if not _in_the_way(pond["boats"], player, x, y):
            break
    boat: Boat = {"name": name, "x": x, "y": y, "score": 0, "seen": 0}
    return {**pond, "seed": seed, "boats": {**pond["boats"], player: boat}}


def leave(pond: Pond, player: str) -> Pond:
    """The pond without a boat."""
    return {**pond, "boats": {who: boat for who, boat in pond["boats"].items() if who != player}}


def steer(pond: Pond, player: str, number: int, move: str) -> Pond:
    """Apply one move of a boat: a step, unless another boat is in the way; and what it gets by that."""
    boat = pond["boats"][player]
    dx, dy = MOVES[move]
    x = min(max(boat["x"] + dx, RADIUS), WIDTH - RADIUS)
    y = min(max(boat["y"] + dy, RADIUS), HEIGHT - RADIUS)
    if _in_the_way(pond["boats"], player, x, y):
        x, y = boat["x"], boat["y"]
    score, seed, buoys = boat["score"], pond["seed"], []
    for buoy in pond["buoys"]:
        if _apart(x, y, *buoy) <= REACH * REACH:
            score += 1
            buoy, seed = _place(seed)
        buoys.append(buoy)
    moved: Boat = {"name": boat["name"], "x": x, "y": y, "score": score, "seen": number}
    return {**pond, "seed": seed, "boats": {**pond["boats"], player: moved}, "buoys": buoys}


def _in_the_way(boats: dict[str, Boat], player: str, x: int, y: int) -> bool:
    """Whether another boat is too near to be at this place. Boats that overlap already may move apart."""
    own = boats.get(player)
    for who, other in boats.items():
        after = _apart(x, y, other["x"], other["y"])
        if who != player and after < 4 * RADIUS * RADIUS:
            before = _apart(own["x"], own["y"], other["x"], other["y"]) if own else after + 1
            if after < before:
                return True
    return False


def _apart(x: int, y: int, to_x: int, to_y: int) -> int:
    """The distance of two places, squared."""
    return (x - to_x) ** 2 + (y - to_y) ** 2


def _place(seed: int) -> tuple[list[int], int]:
    """A place by chance, and the next seed."""
    seed = _draw(seed)
    x = MARGIN + seed % (WIDTH - 2 * MARGIN)
    seed = _draw(seed)
    return [x, MARGIN + seed % (HEIGHT - 2 * MARGIN)], seed


def _draw(seed: int) -> int:
    """The next number of Lehmer's generator (Park and Miller 1988, with 48271): exact in JavaScript's numbers too."""
    return seed * 48271 % 2147483647
