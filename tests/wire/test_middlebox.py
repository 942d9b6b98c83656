"""Middleboxes by themselves, without sockets and clocks: what each makes of the bytes of one connection."""

import pytest

from rtlab.errors import BadInput
from rtlab.wire.middlebox import SECOND, Box, Chain, Cut, Finish, Middlebox, Pass
from rtlab.wire.proxies import Buffers, LosesAnswers, Refuses, StripsUpgrade
from rtlab.wire.record import DOWN, UP
from rtlab.wire.trouble import Bandwidth, CutsAt, EndsIdle, HalfOpen, Jitter, LosesPackets, Stalls

HANDSHAKE = (
    b"GET /channels/a/socket HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
STREAM = b"GET /channels/a/stream HTTP/1.1\r\nHost: h\r\n\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
POLL = b"GET /channels/a/events HTTP/1.1\r\nHost: h\r\n\r\n"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n{"events":[{"id":"a.1"}],"cursor":"a.1"      '


def block(number: int) -> bytes:
    text = b"id: a.%d\ndata: {}\n\n" % number
    return b"%x\r\n%b\r\n" % (len(text), text)


class Marks(Middlebox):
    """Puts its letter behind what passes."""

    def __init__(self, letter: bytes) -> None:
        self.letter = letter

    def open(self, now: int) -> Box:
        letter = self.letter

        class Marking(Box):
            def receive(self, direction: str, data: bytes, now: int) -> list[Pass]:  # type: ignore[override]
                return [Pass(direction, data + letter, 1)]

        return Marking()


def through(chain: Chain, direction: str, data: bytes, now: int = 0) -> bytes:
    """What of the bytes gets through, and that nothing goes the other way."""
    acts = chain.receive(direction, data, now)
    assert all(isinstance(act, Pass) and act.direction == direction for act in acts), acts
    return b"".join(act.data for act in acts if isinstance(act, Pass))


class TestChain:
    def test_the_first_is_nearest_to_the_client_and_what_takes_time_adds_up(self) -> None:
        chain = Chain([Marks(b"1"), Marks(b"2")], 0)
        assert chain.receive(UP, b"up", 0) == [Pass(UP, b"up12", 2)]
        assert chain.receive(DOWN, b"down", 0) == [Pass(DOWN, b"down21", 2)]
        assert chain.end(UP, 0) == [Finish(UP)]

    def test_without_boxes_everything_passes(self) -> None:
        assert Chain([], 0).receive(UP, b"x", 0) == [Pass(UP, b"x")]

    def test_what_a_box_does_by_itself_goes_through_those_behind_it(self) -> None:
        chain = Chain([Refuses(504, after=2), StripsUpgrade(), EndsIdle(1)], 0)
        assert chain.due == SECOND
        assert chain.wake(SECOND) == [Finish(UP), Finish(DOWN)]
        assert chain.due is None


class TestTrouble:
    def test_jitter_is_the_same_for_the_same_seed_and_its_mean_is_the_one_asked_for(self) -> None:
        first, again, other = (Chain([Jitter(0.02, seed)], 0) for seed in (1, 1, 2))
        delays = [
            [chain.receive(UP, b"x", 0)[0].after for _ in range(2000)] for chain in (first, again, other)
        ]  # type: ignore[union-attr]
        assert delays[0] == delays[1] != delays[2]
        assert sum(delays[0]) / 2000 / SECOND == pytest.approx(0.02, rel=0.1)

    def test_a_lost_packet_comes_when_the_timer_has_run_out_and_then_twice_as_late(self) -> None:
        first, again = (Chain([LosesPackets(0.2, after=0.1, seed=3)], 0) for _ in range(2))
        late = [first.receive(DOWN, b"x", 0)[0].after / SECOND for _ in range(3000)]  # type: ignore[union-attr]
        assert late == [again.receive(DOWN, b"x", 0)[0].after / SECOND for _ in range(3000)]  # type: ignore[union-attr]
        assert {0.0, 0.1, 0.3} < set(late)
        assert sum(1 for after in late if after) / 3000 == pytest.approx(0.2, rel=0.1)
        assert first.receive(UP, b"x", 0) == [Pass(UP, b"x")]

    def test_a_thin_line_takes_its_time_for_every_byte_and_is_free_again_later(self) -> None:
        chain = Chain([Bandwidth(1000)], 0)
        acts = chain.receive(DOWN, bytes(3000), 0)
        assert [act.after for act in acts if isinstance(act, Pass)] == [
            1.46 * SECOND,
            2.92 * SECOND,
            3 * SECOND,
        ]
        assert chain.receive(DOWN, bytes(100), SECOND) == [Pass(DOWN, bytes(100), 2.1 * SECOND)]  # type: ignore[arg-type]
        assert chain.receive(UP, bytes(100), SECOND) == [Pass(UP, bytes(100), 0.1 * SECOND)]  # type: ignore[arg-type]

    def test_a_cut_comes_behind_exactly_so_many_bytes(self) -> None:
        chain = Chain([CutsAt(bytes=5)], 0)
        assert through(chain, DOWN, b"abc") == b"abc"
        assert through(chain, UP, b"any number of them") == b"any number of them"
        assert chain.receive(DOWN, b"defg", 0) == [Pass(DOWN, b"de"), Cut()]
        assert Chain([CutsAt(bytes=0)], 0).receive(DOWN, b"a", 0) == [Cut()]

    def test_a_cut_by_time_and_only_so_many_of_them(self) -> None:
        cuts = CutsAt(seconds=2, times=1)
        first, second = Chain([cuts], SECOND), Chain([cuts], SECOND)
        assert first.due == 3 * SECOND
        assert first.wake(3 * SECOND) == [Cut()]
        assert second.due is None

    def test_what_stalls_arrives_when_the_tunnel_ends(self) -> None:
        chain = Chain([Stalls(after=1, seconds=2)], 0)
        assert chain.receive(DOWN, b"a", 0) == [Pass(DOWN, b"a")]
        assert chain.receive(DOWN, b"b", 2 * SECOND) == [Pass(DOWN, b"b", SECOND)]
        assert chain.receive(DOWN, b"c", 3 * SECOND) == [Pass(DOWN, b"c")]

    def test_of_what_is_half_open_nobody_hears_any_more_not_even_the_end(self) -> None:
        chain = Chain([HalfOpen(after=1)], 0)
        assert through(chain, UP, b"a") == b"a"
        assert chain.receive(UP, b"b", SECOND) == chain.receive(DOWN, b"c", SECOND) == []
        assert chain.end(UP, SECOND) == []

    def test_an_idle_connection_is_ended_and_one_that_is_used_is_not(self) -> None:
        chain = Chain([EndsIdle(10)], 0)
        through(chain, DOWN, b"x", 6 * SECOND)
        assert chain.wake(10 * SECOND) == []
        assert chain.due == 16 * SECOND
        assert chain.wake(16 * SECOND) == [Finish(UP), Finish(DOWN)]

    @pytest.mark.parametrize(
        "make",
        [
            lambda: Jitter(-1),
            lambda: LosesPackets(1),
            lambda: LosesPackets(0.1, after=-1),
            lambda: Bandwidth(0),
            lambda: CutsAt(),
            lambda: CutsAt(bytes=-1),
            lambda: Stalls(1, float("nan")),
            lambda: HalfOpen(-1),
            lambda: EndsIdle(-1),
            lambda: Buffers(0),
            lambda: Refuses(999),
        ],
    )
    def test_what_no_box_can_do_is_refused(self, make: object) -> None:
        with pytest.raises(BadInput, match="give"):
            make()  # type: ignore[operator]


def in_pieces(chain: Chain, direction: str, data: bytes, size: int) -> bytes:
    return b"".join(through(chain, direction, data[at : at + size]) for at in range(0, len(data), size))


class TestProxies:
    @pytest.mark.parametrize("size", [1, 7, 1000])
    def test_the_upgrade_is_taken_from_the_head_and_nothing_else(self, size: int) -> None:
        passed = in_pieces(Chain([StripsUpgrade()], 0), UP, POLL + HANDSHAKE, size)
        assert passed == POLL + HANDSHAKE.replace(
            b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n", b""
        )

    def test_tls_passes_untouched(self) -> None:
        hello = b"\x16\x03\x01" + HANDSHAKE
        for box in (StripsUpgrade(), Buffers(), Refuses(403), LosesAnswers()):
            assert through(Chain([box], 0), UP, hello) == hello

    @pytest.mark.parametrize("size", [1, 7, 1000])
    def test_a_buffer_lets_whole_answers_through_and_holds_a_stream_until_it_is_full(self, size: int) -> None:
        chain = Chain([Buffers(100)], 0)
        assert in_pieces(chain, UP, POLL + STREAM, size) == POLL + STREAM
        assert in_pieces(chain, DOWN, ANSWER, size) == ANSWER
        assert in_pieces(chain, DOWN, STREAM_HEAD, size) == STREAM_HEAD
        blocks = b"".join(map(block, range(1, 10)))
        passed = in_pieces(chain, DOWN, blocks, min(size, 30))
        assert 100 <= len(passed) < len(blocks)
        assert blocks.startswith(passed)
        acts = chain.end(DOWN, 0)
        assert acts == [Pass(DOWN, blocks[len(passed) :]), Finish(DOWN)]

    @pytest.mark.parametrize("polite", [False, True])
    def test_a_polite_buffer_holds_nothing_that_asks_it_not_to(self, polite: bool) -> None:
        chain = Chain([Buffers(1000, polite=polite)], 0)
        through(chain, UP, STREAM)
        through(chain, DOWN, STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nX-Accel-Buffering: no\r\n\r\n"))
        assert through(chain, DOWN, block(1)) == (block(1) if polite else b"")

    def test_frames_pass_a_buffer_at_once(self) -> None:
        chain = Chain([Buffers(1000)], 0)
        through(chain, UP, HANDSHAKE)
        answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        assert through(chain, DOWN, answer + b"\x81\x02hi") == answer + b"\x81\x02hi"

    def test_a_refusal_answers_in_the_servers_place(self) -> None:
        passed, *ends = Chain([Refuses(407)], 0).receive(UP, POLL, 0)
        assert isinstance(passed, Pass)
        assert passed.direction == DOWN
        assert passed.data.startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n")
        assert ends == [Finish(DOWN), Finish(UP)]

    def test_only_what_matches_is_refused(self) -> None:
        chain = Chain([Refuses(403, only="/socket")], 0)
        assert through(chain, UP, POLL) == POLL
        assert b"403 Forbidden" in chain.receive(UP, HANDSHAKE, 0)[0].data  # type: ignore[union-attr]

    def test_a_gateway_gives_up_after_its_patience_unless_there_was_an_answer(self) -> None:
        chain = Chain([Refuses(504, after=30)], 0)
        through(chain, UP, POLL)
        assert through(chain, DOWN, ANSWER, SECOND) == ANSWER
        assert chain.due is None
        through(chain, UP, POLL, 5 * SECOND)
        assert chain.due == 35 * SECOND
        assert b"504 Gateway Timeout" in chain.wake(35 * SECOND)[0].data  # type: ignore[union-attr]

    def test_an_answer_with_events_is_lost_once(self) -> None:
        loses = LosesAnswers()
        chain = Chain([loses], 0)
        through(chain, UP, POLL)
        whole = ANSWER[:-6] + b"}" + b" " * 5
        assert chain.receive(DOWN, whole, 0) == [Cut()]
        again = Chain([loses], 0)
        through(again, UP, POLL)
        assert through(again, DOWN, whole) == whole
