"""Engine.IO, version 4: what Socket.IO's messages travel in, over polling first and over a WebSocket later.

A packet is one character for its type and then its data. A WebSocket frame carries one; the body of a poll's answer,
or of a POST, carries several with a record separator (0x1E) between. Bytes go as they are in a binary frame, and as
`b` and base64 in a body. Source: the Engine.IO protocol, https://socket.io/docs/v4/engine-io-protocol.

The upgrade, after the first poll has brought `open` with the session's id:

    client                                 server
    GET …&transport=websocket&sid=SID →
                                         ← 101
    2probe →                                             ping: does anything pass?
                                         ← 3probe        pong
                                         ← 6             noop, to the poll that is still held, so that it ends
    5 →                                                  upgrade: from here on this way
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from rtlab.errors import BadInput

SEPARATOR = "\x1e"
BASE64 = "b"  # begins a packet of bytes where only text can go


class PacketType(IntEnum):
    """The character that a packet begins with."""

    OPEN = 0  # the server's first: session id, upgrades, heartbeat's times
    CLOSE = 1
    PING = 2  # the server's, since version 4; of the client only as `2probe`
    PONG = 3
    MESSAGE = 4  # what is carried: a packet of Socket.IO
    UPGRADE = 5
    NOOP = 6


@dataclass(frozen=True)
class Packet:
    """One packet. Bytes are always a message's."""

    type: PacketType
    data: str | bytes = ""

    @property
    def name(self) -> str:
        """For people: `ping probe`, `message`."""
        probes = self.type in (PacketType.PING, PacketType.PONG) and self.data == "probe"
        return self.type.name.lower() + (" probe" if probes else "")


def decode(text: str | bytes) -> Packet:
    """Read one packet: the text of a frame, the bytes of a binary one. Raises BadInput for what is none."""
    if isinstance(text, bytes):
        return Packet(PacketType.MESSAGE, text)
    if text[:1] == BASE64:
        try:
            return Packet(PacketType.MESSAGE, b64decode(text[1:], validate=True))
        except (binascii.Error, ValueError) as error:
            raise BadInput(f"an Engine.IO packet of bytes is not base64: {error}") from None
    if len(text) == 0 or text[0] not in "0123456":
        raise BadInput(f"{text[:20]!r} is no Engine.IO packet: it begins with a digit from 0 to 6, or with b")
    return Packet(PacketType(int(text[0])), text[1:])


def decode_payload(text: str) -> list[Packet]:
    """Read the body of a poll's answer or of a POST. Raises BadInput for what is none."""
    return [decode(part) for part in text.split(SEPARATOR)]


def encode(packet: Packet) -> str | bytes:
    """What a WebSocket frame carries: text, or bytes for a binary frame."""
    return packet.data if isinstance(packet.data, bytes) else f"{int(packet.type)}{packet.data}"


def encode_payload(packets: Iterable[Packet]) -> str:
    """What the body of an answer or of a POST carries."""
    forms = (encode(packet) for packet in packets)
    return SEPARATOR.join(
        BASE64 + b64encode(form).decode() if isinstance(form, bytes) else form for form in forms
    )
