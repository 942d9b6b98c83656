"""The applications as one extension of the server: their pages under `/apps/`, their event sources on its loop."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Coroutine, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, RequestHandler

from rtlab.apps.app import App
from rtlab.apps.hub import ServerHub
from rtlab.errors import BadInput
from rtlab.event import NAME
from rtlab.server.app import Server
from rtlab.server.handler import Handler
from rtlab.server.pages import FILE, FileHandler, policy

PAGE = Path(__file__).with_name("page")  # what all pages share
log = logging.getLogger("rtlab.apps")


class Applications:
    """Serves applications beside the channels. Raises BadInput for a name that is none, or that comes twice."""

    def __init__(self, apps: Sequence[App]) -> None:
        self.apps = list(apps)
        names = [app.name for app in self.apps]
        for name in names:
            if not NAME.fullmatch(name) or "." in name or name in ("meter", "vendor"):
                raise BadInput(f"{name!r} cannot be an application's name: use letters, digits, - and _")
            if names.count(name) > 1:
                raise BadInput(f"the application {name} is there twice: name it once")
        self.routes: Sequence[tuple[str, type[RequestHandler], dict[str, Any]]] = [
            (r"/apps/meter/([^/]+)", MeterHandler, {}),
            *[route for app in self.apps for route in app.routes],
            (rf"/apps/vendor/({FILE})", FileHandler, {"folder": PAGE / "vendor"}),
            *[(rf"/apps/{app.name}/({FILE})?", FileHandler, {"folder": app.folder}) for app in self.apps],
            *[(path, SlashHandler, {}) for path in ("/apps", *(rf"/apps/{app.name}" for app in self.apps))],
            (r"/apps/", ListHandler, {}),
            (r"/apps/([a-zA-Z]+\.[a-z]+)", FileHandler, {"folder": PAGE}),
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, server: Server) -> None:
        """Begin to judge what clients publish, and run every event source."""
        hub = ServerHub(server.channels)
        server.channels.checks.append(self._check)
        for app in self.apps:
            server.channels.windows.update(app.keeps)
            app.attend(server)
        works = [(app, app.follow(hub)) for app in self.apps]
        # In a fleet one process has all event sources; pages and checks are the same in each.
        if server.place is None or server.place.index == 0:
            works += [(app, app.run(hub)) for app in self.apps]
        self._tasks = [asyncio.create_task(self._run(app, work)) for app, work in works]

    def _check(self, channel: str, data: Any) -> None:
        for app in self.apps:
            if app.owns(channel):
                app.check(channel, data)

    async def _run(self, app: App, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("the application %s has ended; its page shows nothing new", app.name)

    async def stop(self) -> None:
        """End every event source."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


class ListHandler(Handler):
    """`/apps/`: which applications there are."""

    def get(self) -> None:
        """Answer with a link to each."""
        sites = [site for site in self.server.extensions if isinstance(site, Applications)]
        rows = "".join(
            f'<li><a href="{app.name}/">{escape(app.title)}</a> <span class="quiet">{escape(app.summary)}</span></li>'
            for site in sites
            for app in site.apps
        )
        page = (PAGE / "list.html").read_text(encoding="utf-8").replace("<!-- applications -->", rows)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", policy(self.server))
        self.finish(page)


class SlashHandler(Handler):
    """`/apps` and `/apps/NAME`: the page's own links need the slash."""

    def get(self) -> None:
        """Say where the page is, relative to here, for a proxy may have put something before it."""
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{self.request.path.rpartition('/')[2]}/{query}", permanent=True)


class MeterHandler(Handler):
    """`/apps/meter/ID`: what one page has cost, counted at the server's socket. Asking is not counted."""

    def get(self, page: str) -> None:
        """Answer with requests, bytes and the server's clock; `since` tells one process's counts from the next's."""
        if not NAME.fullmatch(page):
            raise HTTPError(404, f"{page[:40]!r} is no page")
        tally = self.server.meter.tally(page)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(
            json.dumps({**vars(tally), "since": self.server.meter.since, "now": round(time.time() * 1000, 1)})
        )
