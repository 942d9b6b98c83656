"""Engine.IO and Socket.IO: every packet of their protocols, and python-engineio and python-socketio as oracles."""

import contextlib
from typing import Any

import pytest
from engineio import packet as engine_oracle
from engineio import payload as payload_oracle
from hypothesis import given
from hypothesis import strategies as st
from socketio import packet as socket_oracle

from rtlab.errors import BadInput
from rtlab.protocol import engine_io, socket_io
from rtlab.protocol.engine_io import PacketType
from rtlab.protocol.socket_io import Packet

OPENING = '{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}'
ENGINE: list[tuple[str | bytes, engine_io.Packet, str]] = [
    (f"0{OPENING}", engine_io.Packet(PacketType.OPEN, OPENING), "open"),
    ("1", engine_io.Packet(PacketType.CLOSE), "close"),
    ("2", engine_io.Packet(PacketType.PING), "ping"),
    ("2probe", engine_io.Packet(PacketType.PING, "probe"), "ping probe"),
    ("3", engine_io.Packet(PacketType.PONG), "pong"),
    ("3probe", engine_io.Packet(PacketType.PONG, "probe"), "pong probe"),
    ("4hello", engine_io.Packet(PacketType.MESSAGE, "hello"), "message"),
    ("5", engine_io.Packet(PacketType.UPGRADE), "upgrade"),
    ("6", engine_io.Packet(PacketType.NOOP), "noop"),
    (b"\x01\x02", engine_io.Packet(PacketType.MESSAGE, b"\x01\x02"), "message"),
]
SOCKET: list[tuple[str, Packet, str]] = [
    ("0", Packet(socket_io.PacketType.CONNECT), "connect"),
    ('0/admin,{"token":"t"}', Packet(socket_io.PacketType.CONNECT, {"token": "t"}, "/admin"), "connect"),
    ("1/admin,", Packet(socket_io.PacketType.DISCONNECT, None, "/admin"), "disconnect"),
    ('2["news",{"n":1}]', Packet(socket_io.PacketType.EVENT, ["news", {"n": 1}]), "event news"),
    ('212["lock"]', Packet(socket_io.PacketType.EVENT, ["lock"], ack=12), "event lock, ack 12"),
    (
        '2/admin,7["lock","a,b"]',
        Packet(socket_io.PacketType.EVENT, ["lock", "a,b"], "/admin", 7),
        "event lock, ack 7",
    ),
    ("3/admin,7[]", Packet(socket_io.PacketType.ACK, [], "/admin", 7), "ack 7"),
    (
        '4{"message":"Not authorized"}',
        Packet(socket_io.PacketType.CONNECT_ERROR, {"message": "Not authorized"}),
        "connect error",
    ),
    (
        '51-["photo",{"_placeholder":true,"num":0}]',
        Packet(socket_io.PacketType.BINARY_EVENT, ["photo", {"_placeholder": True, "num": 0}], attachments=1),
        "binary event photo",
    ),
    (
        '61-/admin,3[{"_placeholder":true,"num":0}]',
        Packet(socket_io.PacketType.BINARY_ACK, [{"_placeholder": True, "num": 0}], "/admin", 3, 1),
        "binary ack 3",
    ),
]


@pytest.mark.parametrize(("wire", "packet", "name"), ENGINE, ids=[repr(case[0])[:12] for case in ENGINE])
def test_a_packet_of_engine_io_is_read_named_and_written(
    wire: str | bytes, packet: engine_io.Packet, name: str
) -> None:
    assert engine_io.decode(wire) == packet
    assert packet.name == name
    assert engine_io.encode(packet) == wire
    oracle = engine_oracle.Packet(encoded_packet=wire)
    assert (oracle.packet_type, oracle.encode()) == (int(packet.type), wire)


def test_a_body_carries_all_of_them_bytes_as_base64() -> None:
    packets = [packet for _, packet, _ in ENGINE]
    body = engine_io.encode_payload(packets)
    assert body.count("\x1e") == len(packets) - 1
    assert body.endswith("bAQI=")
    assert engine_io.decode_payload(body) == packets
    assert len(payload_oracle.Payload(encoded_payload=body).packets) == len(packets)


@pytest.mark.parametrize("wrong", ["", "7", "x", "b!", "\x1e"])
def test_what_is_no_packet_of_engine_io_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput):
        engine_io.decode(wrong)


@pytest.mark.parametrize(("wire", "packet", "name"), SOCKET, ids=[case[0][:12] for case in SOCKET])
def test_a_packet_of_socket_io_is_read_and_named(wire: str, packet: Packet, name: str) -> None:
    assert socket_io.decode(wire) == packet
    assert packet.name == name
    oracle = socket_oracle.Packet(encoded_packet=wire)
    assert (oracle.packet_type, oracle.namespace or "/", oracle.id, oracle.attachment_count) == (
        int(packet.type),
        packet.namespace,
        packet.ack,
        packet.attachments,
    )


@pytest.mark.parametrize(
    "wrong", ["", "7", "2", "2{}", "2[]", "2[{}]", "2[", "3", "3{}", "51-", "2" + "[" * 5000]
)
def test_what_is_no_packet_of_socket_io_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput):
        socket_io.decode(wrong)


@given(st.text())
def test_any_text_is_a_packet_or_is_refused(text: str) -> None:
    for decode in (engine_io.decode, engine_io.decode_payload, socket_io.decode):
        with contextlib.suppress(BadInput):
            decode(text)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@given(st.lists(JSON, max_size=3), st.none() | st.integers(0, 10**9), st.sampled_from(["/", "/admin"]))
def test_what_the_library_writes_is_read(data: list[Any], ack: int | None, namespace: str) -> None:
    written = socket_oracle.Packet(data=["news", *data], id=ack, namespace=namespace, binary=False).encode()
    assert socket_io.decode(written) == Packet(socket_io.PacketType.EVENT, ["news", *data], namespace, ack)
