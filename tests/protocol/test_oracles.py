"""The same bytes read and written by libraries that others keep: wsproto and httpx-sse."""

import codecs

import h11
import pytest
import wsproto
from httpx_sse._decoders import SSEDecoder, SSELineDecoder
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto import events as theirs
from wsproto.connection import Connection, ConnectionState, ConnectionType

from rtlab.protocol.event_stream import EventStreamParser, StreamEvent, encode
from rtlab.protocol.frames import Frame, Opcode
from rtlab.protocol.frames import encode as encode_frame
from rtlab.protocol.handshake import check_request, check_response, client_request, new_key, response
from rtlab.protocol.messages import Binary, Close, Failed, Ping, Pong, Text, WebSocketProtocol, WsEvent

from .event_stream_cases import DIFFERS, STREAMS, events

ROLES = {"client": ConnectionType.CLIENT, "server": ConnectionType.SERVER}
OTHER = {"client": "server", "server": "client"}


def read_by_wsproto(role: str, wire: bytes) -> list[WsEvent]:
    """What wsproto makes of some bytes, said in our events: fragments joined, a failure as the last event."""
    connection, parts, read = Connection(ROLES[role]), [], []
    connection.receive_data(wire)
    for event in connection.events():
        match event:
            case theirs.Ping():
                read.append(Ping(bytes(event.payload)))
            case theirs.Pong():
                read.append(Pong(bytes(event.payload)))
            case theirs.Message():
                parts.append(event.data)
                if event.message_finished:
                    whole = parts[0][:0].join(parts)
                    read.append(Text(whole) if isinstance(whole, str) else Binary(bytes(whole)))
                    parts = []
            case theirs.CloseConnection() if connection.state is ConnectionState.REMOTE_CLOSING:
                read.append(Close(None if event.code == 1005 else int(event.code), event.reason or ""))
            case theirs.CloseConnection():  # not of the peer, but what wsproto would tell it
                read.append(Failed(int(event.code), ""))
    return read


def without_reason(events: list[WsEvent]) -> list[WsEvent]:
    """The words with which a failure is told are each library's own; the close code is not."""
    return [Failed(event.close_code, "") if isinstance(event, Failed) else event for event in events]


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
ours = st.one_of(
    st.builds(Text, texts),
    st.builds(Binary, st.binary(max_size=300) | st.sampled_from([bytes(65535), bytes(65536)])),
    st.builds(Ping, st.binary(max_size=125)),
    st.builds(Pong, st.binary(max_size=125)),
)
# 1014 is left out: it was registered after wsproto's list was written.
codes = st.sampled_from([1000, 1001, 1002, 1003, *range(1007, 1014)]) | st.integers(3000, 4999)
closes = st.builds(Close, codes, texts.filter(lambda reason: len(reason.encode()) <= 123)) | st.just(Close())


@settings(deadline=None)
@given(st.lists(ours, max_size=6), closes, st.sampled_from(["client", "server"]))
def test_wsproto_reads_what_we_send(sent: list[WsEvent], close: Close, role) -> None:
    protocol = WebSocketProtocol(role)
    wire = b"".join(map(protocol.send, [*sent, close]))
    assert read_by_wsproto(OTHER[role], wire) == [*sent, close]


def to_theirs(event: WsEvent) -> theirs.Event:
    match event:
        case Text():
            return theirs.TextMessage(data=event.data)
        case Binary():
            return theirs.BytesMessage(data=event.data)
        case Ping():
            return theirs.Ping(payload=event.data)
        case Pong():
            return theirs.Pong(payload=event.data)
        case Close():
            return theirs.CloseConnection(code=event.code, reason=event.reason)
    raise AssertionError(event)


@settings(deadline=None)
@given(
    st.lists(ours, max_size=6), closes.filter(lambda close: close.code), st.sampled_from(["client", "server"])
)
def test_we_read_what_wsproto_sends(sent: list[WsEvent], close: Close, role) -> None:
    connection = Connection(ROLES[OTHER[role]])
    wire = b"".join(connection.send(to_theirs(event)) for event in [*sent, close])
    assert WebSocketProtocol(role).receive_data(wire) == [*sent, close]


payloads = st.one_of(
    st.binary(max_size=10),
    st.sampled_from(["é".encode(), b"\xc3", b"\xa9", b"\xed\xa0\x80", b"\xf0\x9f", b"\x8e\x88", b"x" * 126]),
    st.integers(990, 5010).filter(lambda code: code != 1014).map(lambda code: code.to_bytes(2, "big")),
)
any_frames = st.builds(
    Frame,
    st.sampled_from(Opcode),
    payloads,
    st.booleans(),
    st.sampled_from([0, 0, 0, 0, 0, 4]),
    st.sampled_from([None, b"\0\0\0\0", b"\x01\x02\x03\x04"]),
)


@settings(deadline=None, max_examples=500)
@given(st.lists(any_frames, max_size=8), st.sampled_from(["client", "server"]), st.booleans())
def test_we_and_wsproto_agree_on_right_and_wrong(sent: list[Frame], role, masked_right: bool) -> None:
    if masked_right:  # or nearly every case would end at its first mask
        key = b"\x01\x02\x03\x04" if role == "server" else None
        sent = [Frame(frame.opcode, frame.payload, frame.fin, frame.rsv, key) for frame in sent]
    wire = b"".join(map(encode_frame, sent))
    assert without_reason(WebSocketProtocol(role).receive_data(wire)) == read_by_wsproto(role, wire)


class TestHandshake:
    @pytest.mark.parametrize("subprotocol", [None, "chat"])
    def test_wsproto_accepts_our_request_and_we_accept_its_response(self, subprotocol: str | None) -> None:
        offered = [subprotocol] if subprotocol else []
        key = new_key()
        server = wsproto.WSConnection(ConnectionType.SERVER)
        server.receive_data(
            client_request("localhost:80", "/a?b=c", key, origin="http://a.b", subprotocols=offered)
        )
        [request] = server.events()
        assert isinstance(request, theirs.Request)
        assert (request.host, request.target, request.subprotocols) == ("localhost:80", "/a?b=c", offered)
        client = h11.Connection(h11.CLIENT)
        client.send(h11.Request(method="GET", target="/", headers=[("Host", "a"), ("Upgrade", "a")]))
        client.receive_data(server.send(theirs.AcceptConnection(subprotocol=subprotocol)))
        answer = client.next_event()
        assert isinstance(answer, h11.InformationalResponse)
        headers = [(name.decode(), value.decode()) for name, value in answer.headers]
        check_response(answer.status_code, headers, key, offered)

    @pytest.mark.parametrize("subprotocol", [None, "chat"])
    def test_we_accept_wsprotos_request_and_it_accepts_our_response(self, subprotocol: str | None) -> None:
        client = wsproto.WSConnection(ConnectionType.CLIENT)
        offered = [subprotocol] if subprotocol else []
        wire = client.send(theirs.Request(host="localhost", target="/a", subprotocols=offered))
        server = h11.Connection(h11.SERVER)
        server.receive_data(wire)
        request = server.next_event()
        assert isinstance(request, h11.Request)
        headers = [(name.decode(), value.decode()) for name, value in request.headers]
        key = check_request(request.method.decode(), "HTTP/1.1", headers)
        client.receive_data(response(key, subprotocol) + WebSocketProtocol("server").send(Text("Hello")))
        accepted, message = client.events()
        assert isinstance(accepted, theirs.AcceptConnection)
        assert accepted.subprotocol == subprotocol
        assert (message.data, message.message_finished) == ("Hello", True)


def read_by_httpx_sse(pieces: list[bytes]) -> list[StreamEvent]:
    """What httpx-sse makes of an event stream, said in our events."""
    decoder, lines, events = codecs.getincrementaldecoder("utf-8")("replace"), SSELineDecoder(), SSEDecoder()
    text = [part for piece in pieces if (part := decoder.decode(piece))]
    items = [
        item for part in text for line in lines.decode(part) if (item := events.decode(line)) is not None
    ]
    # It dispatches blocks without data, too, and has "" for the type that the standard calls "message".
    return [StreamEvent(item.data, item.event or "message", item.id) for item in items if item.data]


@pytest.mark.parametrize("name", STREAMS)
def test_httpx_sse_reads_the_table_alike_or_it_says_why_not(name: str) -> None:
    stream, items, _ = STREAMS[name]
    decoder, lines, theirs = codecs.getincrementaldecoder("utf-8")("replace"), SSELineDecoder(), SSEDecoder()
    read = [theirs.decode(line) for line in lines.decode(decoder.decode(stream))]
    said = [StreamEvent(item.data, item.event or "message", item.id) for item in read if item is not None]
    assert (said != events(items)) is (name in DIFFERS["httpx-sse"]), said


def cut(wire: bytes, step: int) -> list[bytes]:
    return [wire[start : start + step] for start in range(0, len(wire), step)]


line_texts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\0\ufeff"), max_size=20
)


@settings(deadline=None)
@given(
    st.lists(st.builds(StreamEvent, line_texts.filter(bool), line_texts, line_texts), max_size=6),
    st.integers(1, 20),
)
def test_httpx_sse_reads_what_we_write(sent: list[StreamEvent], step: int) -> None:
    wire = b"".join(encode(event.data, event=event.event, id=event.id) for event in sent)
    expected = [StreamEvent(event.data, event.event or "message", event.id) for event in sent]
    assert read_by_httpx_sse(cut(wire, step)) == expected


stream_lines = st.one_of(
    st.sampled_from(["data", "data:", "event", "id", "id:", ":", "", "", "data : a", "Data: a"]),
    st.tuples(
        st.sampled_from(["data:", "data: ", "event: ", "id: ", "id:\0", ": ", "other: "]), line_texts
    ).map("".join),
)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.tuples(stream_lines, st.sampled_from(["\n", "\r", "\r\n"])).map("".join), max_size=20),
    st.integers(1, 30),
)
def test_we_and_httpx_sse_read_the_same_events(lines: list[str], step: int) -> None:
    pieces = cut("".join([*lines, "\n\n"]).encode(), step)
    parser = EventStreamParser()
    items = [item for piece in pieces for item in parser.receive_data(piece)]
    events = [item for item in items if isinstance(item, StreamEvent) and item.data]
    assert events == read_by_httpx_sse(pieces)
