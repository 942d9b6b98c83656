"""Socket.IO, version 5 of its protocol: events with a name, acknowledgements, namespaces, inside Engine.IO's messages.

    2["news",{"n":1}]           EVENT, of the namespace /
    2/admin,7["lock","door"]    EVENT of the namespace /admin that wants an acknowledgement, number 7
    3/admin,7["done"]           ACK of it
    51-["photo",{"_placeholder":true,"num":0}]      BINARY_EVENT with one attachment, which follows as bytes

Source: the Socket.IO protocol, https://socket.io/docs/v4/socket-io-protocol.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from rtlab.errors import BadInput

# Type, number of attachments, namespace, number of the acknowledgement, JSON.
PACKET = re.compile(r"([0-6])(?:(\d{1,9})-)?(?:(/[^,]*),?)?(\d{1,18})?(.*)", re.DOTALL)


class PacketType(IntEnum):
    """The character that a packet begins with."""

    CONNECT = 0  # to a namespace; the server's answer has the socket's id
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


@dataclass(frozen=True)
class Packet:
    """One packet; `ack` is the number that an event's acknowledgement carries as well, None for one without."""

    type: PacketType
    data: Any = None
    namespace: str = "/"
    ack: int | None = None
    attachments: int = 0

    @property
    def name(self) -> str:
        """For people: `event news`, `event lock, ack 7`, `ack 7`, `connect`."""
        words = self.type.name.lower().replace("_", " ")
        if self.type in (PacketType.EVENT, PacketType.BINARY_EVENT):
            words += f" {self.data[0]}"
        if self.ack is None:
            return words
        return f"{words} {self.ack}" if "ack" in words.split() else f"{words}, ack {self.ack}"


def decode(text: str) -> Packet:
    """Read one packet, without its attachments. Raises BadInput for what is none."""
    found = PACKET.fullmatch(text)
    if found is None:
        raise BadInput(f"{text[:20]!r} is no Socket.IO packet: it begins with a digit from 0 to 6")
    kind, attachments, namespace, ack, rest = found.groups()
    try:
        data = json.loads(rest) if rest else None
    except (ValueError, RecursionError):
        raise BadInput(f"behind a Socket.IO packet's head there is JSON, not {rest[:20]!r}") from None
    packet = Packet(
        PacketType(int(kind)),
        data,
        namespace or "/",
        None if ack is None else int(ack),
        int(attachments or 0),
    )
    _check(packet)
    return packet


def _check(packet: Packet) -> None:
    """Raise BadInput for data that the packet's type does not have."""
    data, kind = packet.data, packet.type
    if kind in (PacketType.EVENT, PacketType.BINARY_EVENT):
        if not (isinstance(data, list) and data and isinstance(data[0], str | int)):
            raise BadInput('an event of Socket.IO is a list that begins with its name: ["news", …]')
    elif kind in (PacketType.ACK, PacketType.BINARY_ACK) and not isinstance(data, list):
        raise BadInput("an acknowledgement of Socket.IO has a list, if only an empty one")
