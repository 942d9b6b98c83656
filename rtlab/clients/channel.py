"""Where a channel is: its URL, taken apart and checked."""

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from rtlab.errors import BadInput
from rtlab.event import NAME

SECURE = {"http": False, "ws": False, "https": True, "wss": True}
EXAMPLE = "http://127.0.0.1:8765/channels/news"


class Channel(NamedTuple):
    """A channel's address. `path` is that of the channel itself; what is read and written lies below it."""

    host: str
    port: int
    secure: bool
    path: str

    @classmethod
    def parse(cls, url: str) -> "Channel":
        """Read a channel's URL, such as `http://127.0.0.1:8765/channels/news`; https, ws and wss will do too.

        A path before `/channels` is a proxy's. Raises BadInput that says what is wrong.
        """
        text = str(url)
        try:
            parts = urlsplit(text)
            scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
        except ValueError as error:
            raise _wrong(text, str(error)) from None
        if scheme not in SECURE:
            raise _wrong(text, "it does not begin with http://, https://, ws:// or wss://")
        if not host or port == 0:
            raise _wrong(text, "there is no server in it" if not host else "no server listens on port 0")
        if parts.username is not None or parts.query or parts.fragment:
            raise _wrong(text, "it has more than a server and a path")
        prefix, _, name = parts.path.rstrip("/").rpartition("/")
        above = prefix.rpartition("/")
        if name in ("events", "stream", "socket") and above[0].endswith("/channels"):
            raise _wrong(text, f"leave out /{name}: the reader adds it")
        if not prefix.endswith("/channels"):
            raise _wrong(text, "its path does not end with /channels/NAME")
        if not NAME.fullmatch(name):
            raise _wrong(text, f"{name[:80]!r} is not a channel name (1 to 64 of A-Z a-z 0-9 . _ -)")
        secure = SECURE[scheme]
        return cls(host, port or (443 if secure else 80), secure, f"{prefix}/{name}")

    @property
    def authority(self) -> str:
        """Host and port, as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def http(self, resource: str) -> str:
        """The URL of one of its resources: `events` or `stream`."""
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.path}/{resource}"

    def websocket(self) -> str:
        """The URL of its socket."""
        return f"{'wss' if self.secure else 'ws'}://{self.authority}{self.path}/socket"

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine for certain: then no proxy may stand between."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _wrong(url: str, why: str) -> BadInput:
    return BadInput(f"{url[:200]!r} is not a channel's URL: {why}. One looks like {EXAMPLE}")
