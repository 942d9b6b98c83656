"""What Engine.IO and Socket.IO say in the bodies and frames that cross the tap, named as their protocols name it."""

from __future__ import annotations

from rtlab.errors import BadInput
from rtlab.protocol import engine_io, socket_io
from rtlab.protocol.engine_io import PacketType

Told = tuple[str, tuple[str, ...]]  # the packets' names; the ids of the events in them
NOTHING: Told = ("", ())


def in_body(body: bytes) -> Told:
    """The packets in the body of a poll's answer or of a POST; `NOTHING` where it holds none."""
    try:
        return _told(engine_io.decode_payload(body.decode()))
    except (BadInput, UnicodeDecodeError):
        return NOTHING


def in_frame(payload: bytes, *, is_text: bool) -> Told:
    """The packet in a frame; `NOTHING` where it holds none."""
    try:
        return _told([engine_io.decode(payload.decode() if is_text else payload)])
    except (BadInput, UnicodeDecodeError):
        return NOTHING


def _told(packets: list[engine_io.Packet]) -> Told:
    named = [_named(packet) for packet in packets]
    return "; ".join(name for name, _ in named), tuple(id for _, ids in named for id in ids)


def _named(packet: engine_io.Packet) -> Told:
    """A message is named by what it carries. An event has an id if its data does, as rtlab's own events do."""
    if packet.type is not PacketType.MESSAGE:
        return packet.name, ()
    if isinstance(packet.data, bytes):
        return "attachment", ()
    try:
        carried = socket_io.decode(packet.data)
    except BadInput:  # Engine.IO without Socket.IO
        return packet.name, ()
    arguments = carried.data[1:] if carried.type is socket_io.PacketType.EVENT else []
    ids = [part.get("id") for part in arguments if isinstance(part, dict)]
    return carried.name, tuple(id for id in ids if isinstance(id, str))
