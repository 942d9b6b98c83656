"""Two attacks as they happen, step by step: drawn, not measured."""

from __future__ import annotations

from collections.abc import Sequence

from rtlab.view.parties import Crossing, draw_parties
from rtlab.view.picture import Picture

MS = 1_000_000  # nanoseconds
STEP, TRANSIT = 40, 24  # milliseconds in the drawing

EVIL, ANN, NAMES, OURS = "evil.example", "Ann's browser", "names (DNS)", "our server"
OTHER = "drop.example"  # another name of the attacker's
WORDS = {"carries": "carries what we would not give", "asks": "asks, answers"}


def cross_site() -> Picture:
    """A page of one server makes the browser open a socket to another."""
    return _draw(
        (EVIL, ANN, OURS),
        (
            (ANN, EVIL, "asks", "GET /"),
            (EVIL, ANN, "asks", "a page, with a script"),
            (ANN, OURS, "asks", "GET …, Origin: evil.example"),
            (OURS, ANN, "carries", "101, the diary"),
            (ANN, EVIL, "carries", "the diary"),
        ),
        "Cross-site WebSocket hijacking (drawn, not measured)",
    )


def rebinding() -> Picture:
    """The name of a page points elsewhere when the browser asks for the second time.

    The page comes from our server's own port (an origin is scheme, name and port), and what it reads goes to another
    name, for its own is ours by then.
    """
    return _draw(
        (EVIL, ANN, NAMES, OURS),
        (
            (ANN, NAMES, "asks", "evil.example?"),
            (NAMES, ANN, "asks", "203.0.113.9, for a second"),
            (ANN, EVIL, "asks", "GET http://evil.example:PORT/"),
            (EVIL, ANN, "asks", "a page, with a script"),
            (ANN, NAMES, "asks", "evil.example?"),
            (NAMES, ANN, "asks", "127.0.0.1"),
            (ANN, OURS, "asks", "GET …, Host: evil.example"),
            (OURS, ANN, "carries", "the diary"),
            (ANN, EVIL, "carries", f"the diary, to {OTHER}"),
        ),
        "DNS rebinding (drawn, not measured)",
    )


def _draw(names: Sequence[str], steps: Sequence[tuple[str, str, str, str]], title: str) -> Picture:
    crossings = [
        Crossing(sender, receiver, kind, number * STEP * MS, (number * STEP + TRANSIT) * MS, label)
        for number, (sender, receiver, kind, label) in enumerate(steps)
    ]
    return draw_parties(names, crossings, title=title, technique="websocket", words=WORDS)
