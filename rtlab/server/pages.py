"""The server's own page: what it is, and any channel read live by any technique that a browser has."""

from __future__ import annotations

from pathlib import Path

from rtlab.server.handler import Handler

PAGE = Path(__file__).with_name("index.html")


class IndexHandler(Handler):
    """`/`: a page to look at a channel with."""

    def get(self) -> None:
        """Answer with the page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; "
            "script-src 'unsafe-inline'; connect-src 'self' ws: wss:; img-src data:; base-uri 'none'",
        )
        self.finish(PAGE.read_bytes())
