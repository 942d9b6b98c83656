"""A proxy that collects an answer before it passes it on, as many on the Internet do.

What a proxy gains by it: a slow client does not keep a server busy, and few large packets are cheaper than many
small ones. What an event stream loses by it: everything that has not filled a buffer waits.
"""

import asyncio
import re
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from rtlab.errors import RtlabError

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
UNBUFFERED = re.compile(rb"\r\nx-accel-buffering: *no\r\n", re.IGNORECASE)
BODILESS = re.compile(rb"HTTP/1\.1 (1\d\d|204|304) ")
START_SECONDS = 10.0


class BufferingProxy:
    """Stands before the server at `upstream` (a URL) and passes bodies on in full buffers of `hold_bytes` bytes.

    A body whose length the head tells is passed on when it has ended; one that goes on, in full buffers, and the
    rest when the server closes the connection. Heads pass at once. With `honours` it does what nginx does for an
    answer with the header `X-Accel-Buffering: no`: it passes on what comes as it comes.
    """

    def __init__(self, upstream: str, hold_bytes: int = 4096, *, honours: bool = False) -> None:
        self.hold_bytes, self.honours = hold_bytes, honours
        address = urlsplit(upstream)
        self._upstream = address.hostname, address.port
        self._port = 0
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="rtlab-buffering-proxy", daemon=True)
        self._thread.start()
        if not self._started.wait(START_SECONDS) or not self._port:
            raise RtlabError("the proxy did not start: no free port of 127.0.0.1, or a very busy machine")

    @property
    def url(self) -> str:
        """Where it listens: give it to a client in the place of the server's."""
        return f"http://127.0.0.1:{self._port}"

    def close(self) -> None:
        """Stop, and cut what is open; safe to call again."""
        with suppress(RuntimeError):  # its loop has ended
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> "BufferingProxy":
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._started.set()
            self._loop.close()

    async def _serve(self) -> None:
        open_now: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._connection(reader, writer))
            open_now.add(task)
            task.add_done_callback(open_now.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)

    async def _connection(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Relay both directions of one connection until either side closes it."""
        to_server = None
        halves: list[asyncio.Task[None]] = []
        try:
            server, to_server = await asyncio.open_connection(*self._upstream)
            halves = [
                asyncio.ensure_future(_copy(client, to_server)),
                asyncio.ensure_future(self._answers(server, to_client)),
            ]
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass  # nobody listens there: the client sees its connection closed
        finally:
            for half in halves:
                half.cancel()
            for writer in filter(None, (to_server, to_client)):
                writer.close()  # before the next wait, in which `close` may cancel us
            await asyncio.gather(*halves, return_exceptions=True)

    async def _answers(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Pass on one answer after the other."""
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await server.readuntil(b"\r\n\r\n")
                to_client.write(head)
                length = LENGTH.search(head)
                if length:
                    to_client.write(await server.readexactly(int(length[1])))
                elif not BODILESS.match(head):
                    through = self.honours and UNBUFFERED.search(head)
                    await (_copy(server, to_client) if through else self._hold(server, to_client))
                    return

    async def _hold(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Pass on full buffers only; what is left, at the end."""
        held = b""
        while data := await server.read(65536):
            held += data
            full = len(held) - len(held) % self.hold_bytes
            to_client.write(held[:full])
            held = held[full:]
            await to_client.drain()
        to_client.write(held)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes as it comes, to the end."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
