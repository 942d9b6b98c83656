"""Tickets: what a page puts into a URL in the place of its token, where a browser lets it send no header.

    POST /tickets                           with Authorization: Bearer TOKEN, by `fetch`
    201 {"ticket": "…", "seconds": 15}
    GET /channels/news/socket?ticket=…      by `WebSocket` or `EventSource`

URLs are kept in histories and in logs, so what stands in one should be worth nothing a moment later: a ticket is good
for a quarter of a minute and for one connection of a server process, and for no more than the token was. It is a signed
statement (RFC 7519) of what the token allows, so that any process that knows the secret can check it.
"""

from __future__ import annotations

import heapq
import os
import secrets
import time
from typing import Any

from tornado.web import HTTPError

from rtlab.errors import Refused
from rtlab.server.access import CHALLENGE, Access, Grant
from rtlab.server.handler import Handler
from rtlab.server.place import Place

SECONDS = 15.0  # from its issue to the request that shows it
AUDIENCE = "rtlab ticket"  # no JSON Web Token of the server's users is one, whatever key it is signed with


class Tickets:
    """Issues tickets with a secret, and takes each once."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._used: set[str] = set()  # names of tickets that have not ended yet
        self._ends: list[
            tuple[float, str]
        ] = []  # when each of them does, as a heap: what has ended is on top

    def issue(self, grant: Grant, later: float = 0.0) -> str:
        """A ticket for what somebody may do, to be used now or so many seconds `later`."""
        import jwt

        allowed = {"read": grant.read, "publish": grant.publish, "until": grant.until}
        ends = min(time.time() + later + SECONDS, grant.until or float("inf"))
        claims = {"sub": grant.subject, "aud": AUDIENCE, "exp": ends, "jti": secrets.token_urlsafe(12)}
        return str(jwt.encode(claims | allowed, self._secret, algorithm="HS256"))

    def redeem(self, ticket: str) -> Grant:
        """What its bearer may do. Raises Refused (401) for one that is used, too old, or not ours."""
        import jwt

        try:
            claims: dict[str, Any] = jwt.decode(
                ticket, self._secret, ["HS256"], audience=AUDIENCE, options={"require": ["exp", "jti"]}
            )
        except jwt.InvalidTokenError as error:
            raise _wrong(str(error)) from None
        self._forget()
        if claims["jti"] in self._used:
            raise _wrong("it has been used")
        self._used.add(claims["jti"])
        heapq.heappush(self._ends, (float(claims["exp"]), claims["jti"]))
        return Grant(claims["sub"], tuple(claims["read"]), tuple(claims["publish"]), claims["until"])

    def _forget(self) -> None:
        """Forget those that are too old to be shown again; the others are not looked at."""
        now = time.time()
        while self._ends and self._ends[0][0] <= now:
            self._used.discard(heapq.heappop(self._ends)[1])


def _wrong(why: str) -> Refused:
    return Refused(401, f"the ticket is no good: {why}; get another one from /tickets", CHALLENGE)


def tickets_of(access: Access, place: Place | None) -> Tickets:
    """A server's tickets: with a secret that every server with the same token or key has, else that its fleet has."""
    return Tickets(access.derived(AUDIENCE) or (place and place.secret) or os.urandom(32).hex())


class TicketsHandler(Handler):
    """`/tickets`: one for who shows a token in a header."""

    def post(self) -> None:
        """Answer with a ticket. Raises Refused; 404 on a server that wants no token."""
        if self.server.tickets is None:
            raise HTTPError(404, "this server wants no token, so there is nothing to give a ticket for")
        self.set_status(201)
        self.set_header("Cache-Control", "no-store")
        self.finish({"ticket": self.server.tickets.issue(self.bearer()), "seconds": SECONDS})
