"""Somebody else's server, with a page that tries what any page may try on a server that its visitor can reach."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from tornado.web import RequestHandler

from rtlab.browser import behind_proxy, browser_url
from rtlab.teach.lesson_11.hosting import Hosted

PAGE = Path(__file__).with_name("elsewhere.html")


@dataclass(frozen=True, repr=False)
class Framed:
    """The page at `url`; as the last line of a cell it shows itself. A tab of the browser shows the same."""

    url: str
    height: int = 600  # pixels
    title = "A page of another origin"

    def __repr__(self) -> str:
        return f"{self.title}: {self.url}"

    def _repr_html_(self) -> str:
        look = "border: 1px solid #9aa3ad; border-radius: 4px"
        size = f'width="100%" height="{self.height}"'
        return f'<iframe src="{escape(self.url)}" title="{self.title}" {size} style="{look}"></iframe>'


class _Page(RequestHandler):
    def get(self) -> None:
        self.write(PAGE.read_bytes())


class Elsewhere(Hosted):
    """A server on a port of its own, and so another origin; `/` is the page.

    On JupyterHub a browser reaches every port under the hub's one origin: there the page is no stranger.
    """

    def __init__(self) -> None:
        super().__init__([("/", _Page)], "elsewhere")

    def page(self, target: Hosted) -> Framed:
        """The page, aimed at a server; as the last line of a cell it shows itself."""
        url = browser_url(target.port, "").rstrip("/") if behind_proxy() else target.url
        query = urlencode({"target": url}, safe=":/")
        return Framed(browser_url(self.port, f"/?{query}"))
