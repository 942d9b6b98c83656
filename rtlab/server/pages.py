"""Files for a browser: the server's own page, and the readers that every page can use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tornado.web import HTTPError

from rtlab.server.handler import Handler

if TYPE_CHECKING:
    from rtlab.server.app import Server

BROWSER = Path(__file__).with_name("browser")
FILE = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"  # a file's name: no slash, no leading dot
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
# Its own files and its own channels, nothing written into the page, nothing from anywhere else. 'self' covers ws:.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'"
)


def policy(server: Server) -> str:
    """The policy of a page: `POLICY`, and who may show it in a frame (CSP Level 3, `frame-ancestors`).

    In a stranger's frame, invisible above a button of his, our buttons are pressed by people who mean his.
    """
    listed = sorted(origin for origin in server.allow_origins if "://" in origin)
    allowed = ["'self'", *listed, *server.frame_ancestors]
    return f"{POLICY}; frame-ancestors {' '.join(allowed)}"


class FileHandler(Handler):
    """The files of one folder, by their names; `index.html` where the path ends with a slash."""

    def initialize(self, server: Server, folder: Path = BROWSER) -> None:
        """Tornado's constructor: `folder` holds the files."""
        super().initialize(server)
        self.folder = folder

    def get(self, name: str = "") -> None:
        """Answer with the file; 404 where there is none of that name, or of a kind that a page has no use for."""
        path = self.folder / (name or "index.html")
        if not re.fullmatch(FILE, path.name) or path.suffix not in TYPES or not path.is_file():
            raise HTTPError(404, f"there is no file {path.name} here")
        self.set_header("Content-Type", TYPES[path.suffix])
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Content-Security-Policy", policy(self.server))
        self.set_header("Referrer-Policy", "no-referrer")  # a token may stand in the page's URL
        self.finish(path.read_bytes())
