"""A WebSocket that takes events on a loop of asyncio's, for a benchmark that publishes on the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rtlab.protocol.frames import FrameParser, Opcode

ASK = (
    "GET /channels/{channel}/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MARK = b',"data":'  # in an event's JSON the data are the last member


class Socket:
    """Hands the data of each event of a channel to `take`, from here to the end of the block."""

    def __init__(self, port: int, channel: str, take: Callable[[bytes], None]) -> None:
        self._port, self._channel, self._take = port, channel, take

    async def __aenter__(self) -> Socket:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(ASK.format(channel=self._channel).encode())
        await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 10)
        self._task = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        parser = FrameParser()
        while data := await self._reader.read(1 << 16):
            for frame in parser.receive_data(data):
                if frame.opcode is Opcode.TEXT and MARK in frame.payload:
                    self._take(frame.payload.partition(MARK)[2][:-1])

    async def __aexit__(self, *_exc_info: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()
