"""Middleboxes that open TLS: a reverse proxy that takes it off, a company's inspection that puts it on again.

    middleboxes=[TakesOffTLS(certificate), StripsUpgrade(), PutsOnTLS(context)]    # inspection, with what it breaks

Every other box lets TLS pass untouched: of what is inside it sees nothing. That is why WebSocket inside TLS often
gets through where plain WebSocket does not, and why it does not where TLS is opened on the way.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from rtlab.wire.middlebox import Act, Box, Cut, Finish, Middlebox, Pass
from rtlab.wire.record import DOWN, UP

PIECE = 1 << 16  # bytes read at once


@dataclass
class TakesOffTLS(Middlebox):
    """The server's end of TLS, as a reverse proxy or an inspecting one has it; `context` holds its certificate."""

    context: ssl.SSLContext

    def open(self, now: int) -> Box:
        """A handshake for each connection."""
        return _End(self.context, cipher=UP)


@dataclass
class PutsOnTLS(Middlebox):
    """The client's end of TLS, towards a server that expects it; `name` is the server's."""

    context: ssl.SSLContext
    name: str = "localhost"

    def open(self, now: int) -> Box:
        """A handshake for each connection, when the first bytes come."""
        return _End(self.context, cipher=DOWN, name=self.name)


class _End(Box):
    """One end of TLS: what travels in the direction `cipher` comes encrypted, what goes back leaves encrypted."""

    def __init__(self, context: ssl.SSLContext, cipher: str, name: str | None = None) -> None:
        self.cipher, self.plain = cipher, DOWN if cipher == UP else UP
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, cipher == UP, name)
        self.ready = False
        self.waiting = b""  # to be encrypted

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        if direction == self.cipher:
            self.incoming.write(data)
        else:
            self.waiting += data
        return self._work()

    def end(self, direction: str, now: int) -> Iterable[Act]:
        return [*self._work(), Finish(direction)]

    def _work(self) -> list[Act]:
        """Shake hands, encrypt what waits, decrypt what has come."""
        opened: list[Act] = []
        last: list[Act] = []
        try:
            if not self.ready:
                self.tls.do_handshake()
                self.ready = True
            if self.waiting:
                self.tls.write(self.waiting)
                self.waiting = b""
            while data := self.tls.read(PIECE):
                opened.append(Pass(self.cipher, data))
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # a certificate that is refused, or what is no TLS: the alert still goes out
            last = [Cut()]
        sealed = self.outgoing.read()
        return [*([Pass(self.plain, sealed)] if sealed else []), *opened, *last]
