"""What a page of another origin got in Chromium, of three servers; `tests/browser/test_hostile_page.py` holds it."""

from __future__ import annotations

from rtlab.teach.card import Card, Table

# attempt (the row's id in elsewhere.html) → whether it succeeded at the lesson's server, at the lesson's server with
# `Access-Control-Allow-Origin: *`, and at rtlab's
CHROMIUM: dict[str, tuple[bool, bool, bool]] = {
    "socket": (True, True, False),
    "socket-publish": (True, True, False),
    "stream": (False, True, False),
    "stream-cookies": (False, False, False),
    "frame": (True, True, False),
    "form": (True, True, False),
    "beacon": (True, True, False),
    "read": (False, True, False),
    "read-cookies": (False, False, False),
    "read-opaque": (False, False, False),
    "long": (False, True, False),
    "simple": (True, True, False),
    "simple-cookies": (True, True, False),
    "json": (False, False, False),
}
WORDS = {
    "socket": "opens a WebSocket, and listens",
    "socket-publish": "publishes on it",
    "stream": "reads the event stream",
    "stream-cookies": "reads it with Ann's cookies",
    "frame": "shows our page in a frame of its own",
    "form": "publishes by a form",
    "beacon": "publishes by `sendBeacon`",
    "read": "reads by `fetch`",
    "read-cookies": "reads by `fetch`, with Ann's cookies",
    "read-opaque": "reads by `fetch` in the mode `no-cors`",
    "long": "reads by a long poll",
    "simple": "publishes by a simple `POST`",
    "simple-cookies": "publishes by a simple `POST`, with Ann's cookies",
    "json": "publishes JSON, after a preflight",
}


SERVERS = ("the diary", "with the line", "rtlab's server")


def table(servers: int = len(SERVERS)) -> Card:
    """A row for each attempt, a column for each of the first `servers`."""
    rows = tuple((WORDS[what], *map(_yes, got[:servers])) for what, got in CHROMIUM.items())
    head = ("a page of another origin", *SERVERS[:servers])
    return Card("Recorded earlier, in Chromium (“–” is no)", (Table(head, rows),))


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "–"
