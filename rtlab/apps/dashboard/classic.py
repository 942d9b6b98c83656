"""The dashboard as pages were before: the server renders it whole, and the browser asks for all of it again and again.

No script at all: `<meta http-equiv="refresh">` is the timer. The meter below it is the server's count for this page's
id, up to the request before.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from statistics import fmean
from string import Template
from urllib.parse import urlencode

from tornado.web import HTTPError

from rtlab.event import NAME
from rtlab.server.handler import Handler
from rtlab.server.pages import policy

PAGE = Template(Path(__file__).with_name("classic.template").read_text(encoding="utf-8"))
LEAST, MOST = 0.5, 60.0  # seconds from one refresh to the next
LONGEST = 3600.0  # seconds that a page goes on by tickets, from the first that it was opened with


class ClassicHandler(Handler):
    """`/apps/dashboard/classic?every=SECONDS&page=ID`: the newest sample as a page that reloads itself."""

    def get(self) -> None:
        """Answer with the whole page."""
        every, page = self._every(), self.get_query_argument("page", "")
        if not NAME.fullmatch(page):
            page = secrets.token_hex(6)
        channel = self.channel("dashboard")
        start, _ = channel.locate("last")  # so that it is known that somebody reads
        if channel.log is None:
            raise HTTPError(503, "the dashboard has not measured anything yet")
        sample = channel.log.read(channel.cursor(start)).events[-1]
        tally = self.server.meter.tally(page)
        query = {"every": f"{every:g}", "page": page}
        if self.server.tickets is not None:
            # A page without a script cannot ask for one before it reloads itself. This one comes of a ticket too, so
            # it is worth less than that: this channel to read, and an end that every later one inherits.
            query["ticket"] = self.server.tickets.issue(self.grant().only("dashboard", LONGEST), later=every)
        cores = "".join(
            f'<tr><th scope="row">core {core}</th><td>{load:.0f} %</td>'
            f'<td><meter min="0" max="100" value="{load:.0f}" aria-label="core {core}"></meter></td></tr>'
            for core, load in enumerate(sample.data["cpu"], 1)
        )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", policy(self.server))
        self.set_header("Cache-Control", "no-store")
        self.finish(
            PAGE.substitute(
                every=f"{every:g}",
                query=urlencode(query),
                page=page,
                time=sample.time,
                cores=cores,
                cpu=f"{fmean(sample.data['cpu']):.0f}",
                memory=f"{sample.data['memory']:.0f}",
                alert=sample.data["alert"]["state"],
                requests=tally.requests,
                bytes=tally.bytes_up + tally.bytes_down,
                each=f"{(tally.bytes_up + tally.bytes_down) / max(tally.requests, 1):,.0f}",
                total=f"{tally.bytes_up + tally.bytes_down:,}",
            )
        )

    def _every(self) -> float:
        text = self.get_query_argument("every", "2")
        try:
            every = float(text)
        except ValueError:
            every = float("nan")
        if not LEAST <= every <= MOST:
            raise HTTPError(400, f"every={text[:40]}: give seconds from {LEAST:g} to {MOST:g}")
        return every
