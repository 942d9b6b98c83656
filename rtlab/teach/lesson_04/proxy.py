"""A proxy that gives up: it passes requests on, and answers `504` itself when the server takes too long.

Every company network, load balancer and mobile operator may have one. `nginx` calls its patience
`proxy_read_timeout` and has 60 s; others have 30, or 5.
"""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

BLANK = b"\r\n\r\n"
GATEWAY_TIMEOUT = b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
GONE = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class ImpatientProxy:
    """Stands on a port of 127.0.0.1 before the server at `url` and waits `patience` seconds for each answer.

    For requests without a body and answers with a `Content-Length`, which is what polling needs. `gave_up` counts its
    own answers. Use it in a `with`; it runs in a thread of its own.
    """

    def __init__(self, url: str, patience: float = 5.0) -> None:
        parts = urlsplit(url)
        self._upstream = parts.hostname, parts.port
        self.patience, self.gave_up = patience, 0
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="impatient proxy", daemon=True)

    def __enter__(self) -> ImpatientProxy:
        self._thread.start()
        self._ready.wait(5.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5.0)

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return f"http://127.0.0.1:{self._port}"

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop, relays = asyncio.Event(), set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            relays.add(task := asyncio.current_task())
            with suppress(*GONE, asyncio.CancelledError):
                await self._relay(reader, writer)
            writer.close()
            relays.discard(task)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for relay in list(relays):
            if relay is not None:
                relay.cancel()
        while relays:
            await asyncio.sleep(0.005)

    async def _relay(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Pass on one request after the other, each with its answer, until one takes too long."""
        server, to_server = await asyncio.open_connection(*self._upstream)
        try:
            while True:
                to_server.write(await client.readuntil(BLANK))
                try:
                    head = await asyncio.wait_for(server.readuntil(BLANK), self.patience)
                except asyncio.TimeoutError:
                    self.gave_up += 1
                    to_client.write(GATEWAY_TIMEOUT)
                    await to_client.drain()
                    return
                length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
                to_client.write(head + await server.readexactly(int(length[1]) if length else 0))
        finally:
            to_server.close()
