"""From recorded bytes to messages: what each is, whose it is, and that no byte is lost or counted twice."""

import json
import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.protocol import event_stream
from rtlab.protocol.deflate import RSV1, deflate
from rtlab.protocol.extensions import HEADER
from rtlab.protocol.frames import Frame, Opcode, encode
from rtlab.protocol.handshake import client_request, response
from rtlab.wire.exchange import messages
from rtlab.wire.message import BODY_KEPT, Message
from rtlab.wire.record import Chunk, Closed, Opened, Record
from rtlab.wire.websocket import INFLATED

Said = tuple[str, bytes]  # direction, bytes

POLL = b"GET /channels/news/events?after=e.0 HTTP/1.1\r\nHost: h\r\n\r\n"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
SOCKET = client_request("h", "/channels/news/socket", KEY)
STREAM = b"GET /channels/news/stream HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def answer(*ids: str, gap: object = None) -> bytes:
    """A poll's answer."""
    events = [{"id": id, "time": "2030-01-01T00:00:00.000Z", "data": 1} for id in ids]
    body = json.dumps({"events": events, "cursor": "e.9", "gap": gap}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def block(id: str) -> bytes:
    return event_stream.encode(json.dumps({"id": id, "data": 1}), id=id)


def chunked(data: bytes) -> bytes:
    """A chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def text(mask: bytes | None = None, **fields: object) -> bytes:
    """A text frame with JSON in it."""
    return encode(Frame(Opcode.TEXT, json.dumps(fields).encode(), mask=mask))


def recorded(said: Iterable[Said], connection: int = 1) -> list[Record]:
    """A record: each chunk leaves at a whole microsecond and arrives 500 ns later."""
    records: list[Record] = [Opened(connection, at=0, established=0)]
    for number, (direction, data) in enumerate(said, 1):
        records.append(Chunk(connection, direction, number * 1000, number * 1000 + 500, data))
    return records


def brief(found: list[Message]) -> list[tuple[str, str, str]]:
    """Direction, kind and label."""
    return [
        (message.direction, message.kind, message.label) for message in found if message.kind != "connect"
    ]


def sizes(found: list[Message], direction: str) -> int:
    return sum(message.size for message in found if message.direction == direction)


def events(found: list[Message]) -> list[str]:
    return [id for message in found for id in message.events]


class TestPolling:
    def test_a_request_and_its_answer(self) -> None:
        request, response = messages(recorded([("up", POLL), ("down", answer("e.1", "e.2"))]))[1:]
        assert request == Message(
            "request",
            "up",
            1,
            1000,
            1500,
            len(POLL),
            "GET /channels/news/events?after=e.0",
            "news",
            "short",
            head=POLL,
        )
        assert (response.kind, response.label, response.events) == ("response", "200", ("e.1", "e.2"))
        assert (response.left, response.arrived) == (2000, 2500)
        assert (response.channel, response.technique) == ("news", "short")
        assert response.head + response.body == answer("e.1", "e.2")
        assert response.size == len(answer("e.1", "e.2"))

    @pytest.mark.parametrize(
        ("target", "header", "channel", "technique"),
        [
            ("/channels/news/events", "", "news", "short"),
            ("/channels/news/events?wait=0", "", "news", "short"),
            ("/channels/news/events?wait=25", "", "news", "long"),
            ("/channels/news/events?wait=0.5&after=now", "", "news", "long"),
            ("/channels/news/events", "Prefer: respond-async, wait=10\r\n", "news", "long"),
            ("/channels/news/events?wait=0", "Prefer: wait=10\r\n", "news", "short"),
            ("/behind/a/proxy/channels/room-1/events", "", "room-1", "short"),
            ("/channels/a%2Eb/stream", "", "a.b", "sse"),
            ("/channels/news/socket", "", "news", "websocket"),
            ("/metrics", "", None, None),
            ("/elsewhere", "Accept: text/event-stream\r\n", None, "sse"),
            ("/elsewhere", "Connection: upgrade\r\nUpgrade: WebSocket\r\n", None, "websocket"),
        ],
    )
    def test_a_request_tells_channel_and_technique(
        self, target: str, header: str, channel: str | None, technique: str | None
    ) -> None:
        request = f"GET {target} HTTP/1.1\r\nHost: h\r\n{header}\r\n".encode()
        found = messages(recorded([("up", request)]))[1]
        assert (found.label, found.channel, found.technique) == (f"GET {target}", channel, technique)

    def test_an_answer_has_no_body_where_http_gives_it_none(self) -> None:
        head = b"HEAD" + POLL[3:]
        length = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        not_modified = b'HTTP/1.1 304 Not Modified\r\nETag: "e.0"\r\nContent-Length: 1000\r\n\r\n'
        said = [("up", head), ("down", length), ("up", POLL), ("down", not_modified), ("up", POLL)]
        found = messages(recorded([*said, ("down", answer("e.1"))]))
        assert [message.label for message in found if message.direction == "down"] == ["200", "304", "200"]
        assert found[-1].events == ("e.1",)

    def test_an_answer_that_is_empty_carries_no_events(self) -> None:
        assert messages(recorded([("up", POLL), ("down", answer())]))[-1].events == ()

    def test_a_gap_is_told(self) -> None:
        found = messages(
            recorded([("up", POLL), ("down", answer("e.7", gap={"missed": 5, "cursor": "e.5"}))])
        )
        assert (found[-1].label, found[-1].events) == ("200, gap", ("e.7",))

    def test_requests_in_one_chunk_are_answered_in_their_order(self) -> None:
        publish = b"POST /channels/a/events HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
        created = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        said = [("up", POLL + publish + POLL), ("down", answer("e.1") + created), ("down", answer())]
        found = messages(recorded(said))[1:]
        assert brief(found) == [
            ("up", "request", "GET /channels/news/events?after=e.0"),
            ("up", "request", "POST /channels/a/events"),
            ("up", "request", "GET /channels/news/events?after=e.0"),
            ("down", "response", "200"),
            ("down", "response", "201"),
            ("down", "response", "200"),
        ]
        assert [message.technique for message in found] == ["short", None, "short"] * 2
        assert found[1].body == b"{}"

    def test_a_thousand_requests_in_one_chunk_are_no_trouble(self) -> None:
        found = messages(recorded([("up", POLL * 1000), ("down", answer() * 1000)]))
        assert [message.kind for message in found[1:]] == ["request"] * 1000 + ["response"] * 1000

    def test_a_provisional_answer_stands_by_itself(self) -> None:
        said = [("up", POLL), ("down", b"HTTP/1.1 100 Continue\r\n\r\n" + answer("e.1"))]
        assert brief(messages(recorded(said)))[1:] == [
            ("down", "response", "100"),
            ("down", "response", "200"),
        ]

    def test_a_body_without_a_length_ends_with_the_connection(self) -> None:
        head = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
        records = recorded([("up", POLL), ("down", head + b"all "), ("down", b"there is")])
        found = messages([*records, Closed(1, "down", 3100, 3600, "fin")])
        assert brief(found)[1:] == [("down", "response", "200"), ("down", "close", "fin")]
        assert found[-2].body == b"all there is"
        assert found[-2].left == 3000


class TestEventStream:
    said: tuple[Said, ...] = (
        ("up", STREAM),
        ("down", STREAM_HEAD + chunked(b"retry: 1000\nid: e.0\n\n")),
        ("down", chunked(block("e.1"))),
        ("down", chunked(b":\n")),
        ("down", chunked(block("e.2") + block("e.3")) + chunked(block("e.4"))),
        ("down", chunked(event_stream.encode('{"missed": 3}', event="gap", id="e.7"))),
        ("down", b"0\r\n\r\n"),
    )

    def test_is_told_block_by_block(self) -> None:
        found = messages(recorded(self.said))
        assert brief(found) == [
            ("up", "request", "GET /channels/news/stream"),
            ("down", "response", "200"),
            ("down", "chunk", "cursor"),
            ("down", "event", "event"),
            ("down", "heartbeat", "heartbeat"),
            ("down", "event", "event"),
            ("down", "event", "gap"),
            ("down", "chunk", "end"),
        ]
        assert [message.events for message in found if message.events] == [("e.1",), ("e.2", "e.3", "e.4")]
        assert {(message.channel, message.technique) for message in found} == {("news", "sse")}

    def test_gives_each_block_its_own_bytes(self) -> None:
        found = messages(recorded(self.said))
        down = [message for message in found if message.direction == "down"]
        assert [message.size for message in down] == [
            len(STREAM_HEAD),
            len(self.said[1][1]) - len(STREAM_HEAD),
            *(len(data) for _, data in self.said[2:]),
        ]
        assert down[4].body == block("e.2") + block("e.3") + block("e.4")

    def test_a_block_in_pieces_arrives_with_its_last_byte(self) -> None:
        whole = chunked(block("e.1"))
        said = [("up", STREAM), ("down", STREAM_HEAD), ("down", whole[:9]), ("down", whole[9:])]
        event = messages(recorded(said))[-1]
        assert (event.kind, event.left, event.size) == ("event", 4000, len(whole))

    def test_without_chunks_is_read_as_well(self) -> None:
        head = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        found = messages(recorded([("up", STREAM), ("down", head), ("down", block("e.1") + b":\n")]))
        assert [(message.kind, message.events) for message in found[2:]] == [
            ("response", ()),
            ("event", ("e.1",)),
            ("heartbeat", ()),
        ]

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_may_end_its_lines_in_three_ways(self, end: bytes) -> None:
        data = (b": hello\n\n" + block("e.1") + block("e.2")).replace(b"\n", end)
        found = messages(recorded([("up", STREAM), ("down", STREAM_HEAD + chunked(data))]))
        assert [message.kind for message in found[3:]] == ["heartbeat", "event"]
        assert found[-1].events == ("e.1", "e.2")


class TestWebSocket:
    mask = b"\x01\x02\x03\x04"

    def test_is_told_frame_by_frame(self) -> None:
        three = [text(type="event", id=f"e.{number}", data=1) for number in (1, 2, 3)]
        said = [
            ("up", SOCKET),
            ("down", response(KEY) + text(type="open", cursor="e.0")),
            ("up", text(type="publish", data=1, ref=1, mask=self.mask)),
            ("down", b"".join(three[:2])),
            ("down", three[2] + text(type="published", ref=1, id="e.3")),
            ("down", encode(Frame(Opcode.PING))),
            ("up", encode(Frame(Opcode.PONG, mask=self.mask))),
            ("down", text(type="gap", missed=1, cursor="e.5") + encode(Frame(Opcode.BINARY, b"\0"))),
            ("up", encode(Frame(Opcode.CLOSE, b"\x03\xe8bye", mask=self.mask))),
            ("down", encode(Frame(Opcode.CLOSE))),
        ]
        found = messages(recorded(said))
        assert brief(found) == [
            ("up", "request", "GET /channels/news/socket"),
            ("down", "handshake", "101"),
            ("down", "frame", "open"),
            ("up", "frame", "publish"),
            ("down", "frame", "event"),
            ("down", "frame", "event"),
            ("down", "frame", "published"),
            ("down", "frame", "ping"),
            ("up", "frame", "pong"),
            ("down", "frame", "gap"),
            ("down", "frame", "binary"),
            ("up", "frame", "close 1000"),
            ("down", "frame", "close"),
        ]
        batch = found[5]
        assert batch.events == ("e.1", "e.2")
        assert batch.size == len(three[0]) + len(three[1])
        assert (batch.head, batch.body) == (three[0][:2], three[0][2:] + b"\n" + three[1][2:])
        published = found[4]
        assert json.loads(published.body) == {"type": "publish", "data": 1, "ref": 1}
        assert published.head.endswith(self.mask)
        assert {(message.channel, message.technique) for message in found} == {("news", "websocket")}

    def test_frames_before_the_answer_wait_for_it(self) -> None:
        frame = text(type="publish", data=1, mask=self.mask)
        found = messages(recorded([("up", SOCKET + frame[:5]), ("up", frame[5:]), ("down", response(KEY))]))
        assert sorted(brief(found)) == [
            ("down", "handshake", "101"),
            ("up", "frame", "publish"),
            ("up", "request", "GET /channels/news/socket"),
        ]

    def test_a_refused_handshake_leaves_a_connection_with_requests(self) -> None:
        refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        found = messages(recorded([("up", SOCKET + POLL), ("down", refused), ("down", answer("e.1"))]))
        assert [message.label for message in found if message.direction == "down"] == ["403", "200"]
        assert found[-1].technique == "short"

    def test_a_compressed_message_is_shown_inflated_with_its_sizes(self) -> None:
        said = json.dumps({"type": "event", "id": "e.1", "data": "again and again and again"}).encode()
        small = deflate(said)
        down = encode(Frame(Opcode.TEXT, small, rsv=RSV1)) + text(type="event", id="e.2")
        agreed = response(KEY, headers={HEADER: "permessage-deflate; server_no_context_takeover"})
        (event,) = messages(recorded([("up", SOCKET), ("down", agreed), ("down", down)]))[3:]
        assert (event.label, event.events) == ("event", ("e.1", "e.2"))
        assert event.body.startswith(said)
        assert event.size == len(down)
        assert event.saved == len(said) - len(small) > 0

    @pytest.mark.parametrize("takeover", [True, False])
    def test_messages_that_refer_to_earlier_ones_are_inflated_if_that_was_agreed_on(
        self, takeover: bool
    ) -> None:
        hello, again = (
            bytes.fromhex("f248cdc9c90700"),
            bytes.fromhex("f200110000"),
        )  # RFC 7692, section 7.2.3.2
        frames = [
            encode(Frame(Opcode.TEXT, data, rsv=RSV1, mask=self.mask)) for data in (hello, again, hello)
        ]
        agreed = "permessage-deflate" + ("" if takeover else "; client_no_context_takeover")
        said = [
            ("up", SOCKET),
            ("down", response(KEY, headers={HEADER: agreed})),
            *(("up", f) for f in frames),
        ]
        first, second, third = messages(recorded(said))[3:]
        assert (first.body, first.saved) == (b"Hello", -2)
        assert (second.body, second.saved) == ((b"Hello", 0) if takeover else (again, 0))
        assert third.body == b"Hello"  # also after one that could not be inflated

    def test_the_fragments_of_a_compressed_message_are_inflated_one_by_one(self) -> None:
        small = deflate(b"Hello" * 100)
        frames = [Frame(Opcode.TEXT, small[:4], fin=False, rsv=RSV1), Frame(Opcode.PING, b"?")]
        frames += [Frame(Opcode.CONTINUATION, small[4:])]
        said = [("up", SOCKET), ("down", response(KEY)), *(("down", encode(frame)) for frame in frames)]
        found = messages(recorded(said))[3:]
        assert [message.label for message in found] == ["text", "ping", "continuation"]
        assert found[0].body + found[2].body == b"Hello" * 100

    def test_a_bomb_in_the_record_is_left_as_it_is(self) -> None:
        small = deflate(bytes(INFLATED + 1))
        bomb = encode(Frame(Opcode.BINARY, small, rsv=RSV1, mask=self.mask))
        said = [
            ("up", SOCKET),
            ("down", response(KEY)),
            ("up", bomb),
            ("up", text(mask=self.mask, type="publish")),
        ]
        found = messages(recorded(said))[3:]
        assert [(message.label, message.saved) for message in found] == [("binary", 0), ("publish", 0)]
        assert found[0].body == small[:BODY_KEPT]

    def test_a_compressed_or_fragmented_message_is_shown_as_what_it_is(self) -> None:
        compressed = encode(Frame(Opcode.TEXT, b"\xab\x56\x00", rsv=0b100))
        fragments = encode(Frame(Opcode.TEXT, b"{}", fin=False)) + encode(Frame(Opcode.CONTINUATION, b""))
        found = messages(
            recorded([("up", SOCKET), ("down", response(KEY)), ("down", compressed + fragments)])
        )
        assert [message.label for message in found[3:]] == ["text", "text", "continuation"]


class TestTheRest:
    def test_a_connection_has_a_beginning_and_its_ends(self) -> None:
        records = [Opened(4, at=100, established=900), Closed(4, "up", 950, 1350, "fin")]
        assert messages(records) == [
            Message("connect", "up", 4, 100, 900, 0, "connect"),
            Message("close", "up", 4, 950, 1350, 0, "fin"),
        ]

    def test_a_connection_begins_and_ends_in_the_name_of_its_use(self) -> None:
        records = [*recorded([("up", POLL), ("down", answer()[:9])]), Closed(1, "down", 9000, 9500, "rst")]
        found = messages(records)
        assert [message.kind for message in found] == ["connect", "request", "chunk", "close"]
        assert {(message.channel, message.technique) for message in found} == {("news", "short")}

    def test_of_several_connections_is_sorted_by_the_time_it_left(self) -> None:
        first = recorded([("up", POLL), ("down", answer("e.1"))], connection=1)
        second = recorded([("up", POLL), ("down", answer("e.1"))], connection=2)
        found = messages(second + first)
        assert [message.left for message in found] == sorted(message.left for message in found)
        assert {message.connection for message in found} == {1, 2}

    @pytest.mark.parametrize(
        "garbage", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", bytes(range(256))]
    )
    def test_garbage_is_a_chunk_and_what_makes_sense_again_is_read(self, garbage: bytes) -> None:
        said = [("up", garbage), ("down", garbage), ("up", POLL), ("down", answer("e.1"))]
        found = messages(recorded(said))
        assert brief(found)[:2] == [("up", "chunk", "?"), ("down", "chunk", "?")]
        assert found[1].body == garbage
        assert [message.kind for message in found[3:]] == ["request", "response"]
        assert found[-1].events == ("e.1",)

    @pytest.mark.parametrize("how", ["fin", "rst"])
    def test_what_is_cut_short_is_unfinished(self, how: str) -> None:
        cut = answer("e.1")[:-5]
        records = [*recorded([("up", POLL), ("down", cut)]), Closed(1, "down", 2000, 2500, how)]
        found = messages(records)
        assert brief(found)[1:] == [("down", "chunk", "unfinished"), ("down", "close", how)]
        assert found[2].size == len(cut)

    @pytest.mark.parametrize(
        ("said", "kinds"),
        [
            (
                [("down", answer("e.1")), ("up", POLL), ("down", answer("e.2"))],
                ["response", "request", "response"],
            ),
            ([("down", chunked(block("e.1"))), ("down", chunked(b":\n"))], ["event", "heartbeat"]),
            ([("down", text(type="event", id="e.1", data=1))], ["frame"]),
            (
                [("up", text(type="publish", data=1, mask=b"abcd")), ("down", text(type="event", id="e.1"))],
                ["frame"] * 2,
            ),
            ([("down", b"tail of something\r\n"), ("down", answer("e.1"))], ["chunk", "response"]),
            (
                [("down", text(type="event", id="e.0")[3:]), ("down", text(type="event", id="e.1"))],
                ["chunk", "frame"],
            ),
        ],
    )
    def test_a_record_that_begins_in_the_middle_is_understood_from_some_chunk_on(
        self, said: list[Said], kinds: list[str]
    ) -> None:
        found = messages(recorded(said)[1:])
        assert [message.kind for message in found] == kinds
        assert "e.1" in events(found)

    def test_a_connection_that_goes_on_keeps_its_channel_and_technique(self) -> None:
        stream, socket = TestEventStream.said[:3], [("up", SOCKET), ("down", response(KEY))]
        before = messages(recorded(stream, connection=1) + recorded(socket, connection=2))
        before += messages(recorded([("up", POLL.replace(b"?", b"?wait=9&"))], connection=3))
        frame = text(type="event", id="e.1")
        records = recorded([("down", chunked(block("e.1")))], connection=1)[1:]
        records += recorded([("down", frame)], connection=2)[1:]
        records += recorded([("down", answer("e.1"))], connection=3)[1:]
        found = messages(records, before)
        assert [message.events for message in found] == [("e.1",)] * 3
        assert {message.channel for message in found} == {"news"}
        assert [message.technique for message in found] == ["sse", "websocket", "long"]


def conversations() -> dict[str, list[Said]]:
    """What the three connections of a laboratory carry, long enough to be cut anywhere."""
    ids = [f"e.{number}" for number in range(40)]
    publish = [text(type="publish", data="é" * number, mask=b"\x80\x01\x7f\xff") for number in range(40)]
    frames = [text(type="event", id=id, data="x" * 5 * number) for number, id in enumerate(ids)]
    polls: list[Said] = []
    for number in range(10):
        polls += [("up", POLL), ("down", answer(*ids[:number]))]
    return {
        "polling": polls,
        "stream": [
            ("up", STREAM),
            ("down", STREAM_HEAD),
            *(("down", chunked(block(id) + b":\n")) for id in ids),
            ("down", b"0\r\n\r\n"),
        ],
        "socket": [
            ("up", SOCKET),
            ("down", response(KEY)),
            *(("up", data) for data in publish),
            *(("down", data) for data in frames),
        ],
    }


def recut(said: list[Said], chance: random.Random) -> list[Said]:
    """The same bytes in other chunks: neighbours of a direction joined, then cut at random."""
    joined: list[Said] = []
    for direction, data in said:
        if joined and joined[-1][0] == direction and chance.random() < 0.7:
            joined[-1] = (direction, joined[-1][1] + data)
        else:
            joined.append((direction, data))
    cut = []
    for direction, data in joined:
        while data:
            size = int(10 ** chance.uniform(0, 4))
            cut.append((direction, data[:size]))
            data = data[size:]
    return cut


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("name", ["polling", "stream", "socket"])
def test_chunks_change_neither_the_bytes_nor_the_events(name: str, seed: int) -> None:
    said = conversations()[name]
    whole, other = messages(recorded(said)), messages(recorded(recut(said, random.Random(seed))))
    for direction in ("up", "down"):
        assert sizes(other, direction) == sum(len(data) for way, data in said if way == direction)
    assert events(other) == events(whole) != []
    assert not {"?", "unfinished"} & {message.label for message in other}


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("name", ["polling", "stream", "socket"])
def test_every_byte_is_in_one_message_whatever_is_missing_or_broken(name: str, seed: int) -> None:
    chance = random.Random(seed)
    said = recut(conversations()[name], chance)
    said = said[chance.randrange(len(said)) :][: chance.randint(1, len(said))]
    broken = [(way, chance.randbytes(len(data)) if chance.random() < 0.1 else data) for way, data in said]
    found = messages(recorded(broken)[chance.randint(0, 1) :])
    for direction in ("up", "down"):
        assert sizes(found, direction) == sum(len(data) for way, data in broken if way == direction)


@given(
    st.lists(st.tuples(st.sampled_from(["up", "down"]), st.binary(max_size=200)), max_size=20), st.booleans()
)
def test_no_bytes_raise_anything(said: list[Said], from_the_start: bool) -> None:
    found = messages(recorded(said)[0 if from_the_start else 1 :])
    assert sum(message.size for message in found) == sum(len(data) for _, data in said)
