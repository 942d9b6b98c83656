"""A handshake as a browser does it: recorded at the lab's tap, byte for byte, for a notebook that no browser shows.

Chromium 156 on Linux, without a window (its User-Agent says so), had the lab's own page open, and the page said
`new WebSocket("ws://127.0.0.1:42279/channels/news/socket?after=start")`.
"""

from collections.abc import Sequence

from rtlab.wire.message import Message

CHROMIUM = (
    b"GET /channels/news/socket?after=start HTTP/1.1\r\n"
    b"Host: 127.0.0.1:42279\r\n"
    b"Connection: Upgrade\r\n"
    b"Pragma: no-cache\r\n"
    b"Cache-Control: no-cache\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"HeadlessChrome/156.0.0.0 Safari/537.36\r\n"
    b"Upgrade: websocket\r\n"
    b"Origin: http://127.0.0.1:42279\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"Accept-Encoding: gzip, deflate, br, zstd\r\n"
    b"Accept-Language: en-US,en;q=0.9\r\n"
    b"Sec-WebSocket-Key: ew2H5Hteb/qkUSjCRUSRnw==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    b"\r\n"
)


def browsers(messages: Sequence[Message]) -> list[bytes]:
    """Return the WebSocket requests among `messages` that a browser wrote: by an old custom, all say Mozilla."""
    asked = (m.head for m in messages if m.kind == "request" and m.technique == "websocket")
    return [head for head in asked if b"\r\nUser-Agent: Mozilla/" in head]
