"""A server in the foreground, as `rtlab serve` runs it."""

from __future__ import annotations

import asyncio
import contextlib
import signal

from rtlab.server.app import Server


async def until_stopped(server: Server, path: str = "") -> None:
    """Serve until SIGINT or SIGTERM, then stop gracefully; `path` is where to begin. Raises as `Server.start`."""
    await server.start()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if server.place is not None:
        server.place.orphaned(stop.set)
    print(f"rtlab: listening on {server.url}{path}", flush=True)
    if path and server.access is not None:
        tell_link(server.url + path)
    try:
        await stop.wait()
    finally:
        await server.stop()


def tell_link(pages: str) -> None:
    """Say how a page gets the token that the server wants; the token itself is in no output, which may be kept."""
    print(f"rtlab: pages ask for a token, or get it from a link: {pages}NAME/#token=TOKEN", flush=True)
