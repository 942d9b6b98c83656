"""What stays open: an event stream as blocks of text, a WebSocket as frames."""

from __future__ import annotations

import json
import re
from typing import Any

from rtlab.conformance.raw import Connection
from rtlab.protocol.frames import Frame, FrameParser, Opcode, encode
from rtlab.protocol.handshake import accept_value, client_request

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


class Stream(Connection):
    """One open event stream, as blocks of text."""

    def __init__(
        self,
        url: str,
        target: str,
        headers: dict[str, str] | None = None,
        version: str = "1.1",
        receive_bytes: int | None = None,
    ) -> None:
        super().__init__(url, receive_bytes)
        self.ask(target, headers=headers, version=version)
        self.status, _, self.headers = self.answer_head()
        self.buffer = b""
        self.chunked = self.headers.get("transfer-encoding") == "chunked"

    def block(self) -> dict[str, str]:
        """The fields of the next block; a comment has the field name "", several lines of data are joined."""
        while not (found := re.match(rb"\n*(:[^\n]*\n|.*?\n\n)", self.buffer, re.DOTALL)):
            part = self.chunk() if self.chunked else self.file.read1()
            assert part, "the stream ended"
            self.buffer = (self.buffer + part).replace(b"\r\n", b"\n")
        self.buffer = self.buffer[found.end() :]
        text = found[1].rstrip(b"\n")
        fields: dict[str, str] = {}
        for line in text.decode().split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
        return fields

    def data(self, block: dict[str, str]) -> dict[str, Any]:
        """A block's data."""
        data: dict[str, Any] = json.loads(block["data"])
        return data


class Socket(Connection):
    """One open WebSocket, as frames."""

    def __init__(
        self,
        url: str,
        target: str,
        headers: dict[str, str] | None = None,
        receive_bytes: int | None = None,
    ) -> None:
        super().__init__(url, receive_bytes)
        self.send(client_request(self.host, self.base + target, KEY, headers=self.shown(headers or {})))
        status, _, answer = self.answer_head()
        assert status == 101, status
        assert answer["sec-websocket-accept"] == accept_value(KEY)
        self.parser = FrameParser(expect_mask=False)
        self.frames: list[Frame] = []

    def frame(self) -> Frame:
        """The next frame."""
        while not self.frames:
            data = self.file.read1()
            assert data, "the connection ended"
            self.frames += self.parser.receive_data(data)
        return self.frames.pop(0)

    def message(self) -> dict[str, Any]:
        """The next message's JSON; pings before it are answered."""
        parts: list[bytes] = []
        while True:
            frame = self.frame()
            if frame.opcode is Opcode.PING:
                self.say(Opcode.PONG, frame.payload)
                continue
            assert frame.opcode is (Opcode.CONTINUATION if parts else Opcode.TEXT), frame
            parts.append(frame.payload)
            if frame.fin:
                document: dict[str, Any] = json.loads(b"".join(parts))
                return document

    def close_code(self) -> tuple[int, str]:
        """The code and reason of a close frame, which must be next and last."""
        frame = self.frame()
        assert frame.opcode is Opcode.CLOSE, frame
        return int.from_bytes(frame.payload[:2], "big"), frame.payload[2:].decode()

    def say(self, opcode: Opcode, payload: bytes = b"", fin: bool = True, rsv: int = 0) -> None:
        """Send one masked frame."""
        self.send(encode(Frame(opcode, payload, fin, rsv, mask=b"\x01\x02\x03\x04")))

    def tell(self, message: Any) -> None:
        """Send a text message of JSON."""
        self.say(Opcode.TEXT, (message if isinstance(message, str) else json.dumps(message)).encode())
