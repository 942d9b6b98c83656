"""Where a resource of a push service is: any http or https URL, taken apart for the lab's own connections."""

from __future__ import annotations

from urllib.parse import urlsplit

from rtlab.clients.channel import Channel
from rtlab.errors import BadInput


def folder(url: str) -> tuple[Channel, str]:
    """The place of a URL and its last part: `http://host/a/b` is `b` in `http://host/a`. Raises BadInput."""
    text = str(url)
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f"{text[:200]!r} is not a URL: {error}") from None
    if scheme not in ("http", "https") or not host or port == 0:
        raise BadInput(
            f"{text[:200]!r} is not the URL of a push service: it looks like http://127.0.0.1:8765"
        )
    path, _, last = parts.path.rpartition("/")
    secure = scheme == "https"
    return Channel(host, port or (443 if secure else 80), secure, path), last + (
        f"?{parts.query}" if parts.query else ""
    )
