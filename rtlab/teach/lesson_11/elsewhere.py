"""Somebody else's server, with a page that tries what any page may try on a server that its visitor can reach."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from tornado.web import RequestHandler

from rtlab.apps.embedded import Embedded
from rtlab.browser import behind_proxy, browser_url
from rtlab.teach.lesson_11.hosting import Hosted

PAGE = Path(__file__).with_name("elsewhere.html")


class _Page(RequestHandler):
    def get(self) -> None:
        self.write(PAGE.read_bytes())


class Elsewhere(Hosted):
    """A server on a port of its own, and so another origin; `/` is the page.

    On JupyterHub a browser reaches every port under the hub's one origin: there the page is no stranger.
    """

    def __init__(self) -> None:
        super().__init__([("/", _Page)], "elsewhere")

    def page(self, target: Hosted, height: int = 480) -> Embedded:
        """The page, aimed at a server; as the last line of a cell it shows itself."""
        url = browser_url(target.port, "").rstrip("/") if behind_proxy() else target.url
        query = urlencode({"target": url}, safe=":/")
        return Embedded(browser_url(self.port, f"/?{query}"), "A page of another origin", height)
