"""Lesson 10's own parts: recordings of faults, ways through boxes, herds, two ends of a connection, inspected TLS."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from matplotlib.text import Text

from rtlab import Event, Gap, Lab, ServerSentEvents, WebSocket, connect
from rtlab.errors import BadInput, Unavailable
from rtlab.measure.herd import reconnections
from rtlab.server.limits import Limits
from rtlab.teach.lesson_10 import grid, herd, lanes, maps, paths, pictures
from rtlab.teach.lesson_10.ends import Ends, look
from rtlab.teach.lesson_10.inspection import Authority, ask_for_tunnel, handshake
from rtlab.teach.lesson_10.longest import longest_pause
from rtlab.teach.lesson_10.recorded import RECORDED
from rtlab.teach.lesson_10.recordings import LEFT, SCENES, WIDE, record
from rtlab.teach.lesson_10.unread import kept
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.proxies import Refuses, StripsUpgrade
from rtlab.wire.trouble import CutsAt, HalfOpen


def sides(recording: str) -> tuple[str, str]:
    """What the client's end saw, and what the server's end saw."""
    lines = [line[LEFT:].ljust(WIDE) for line in recording.splitlines()[1:]]
    return "\n".join(line[:WIDE].rstrip() for line in lines), "\n".join(
        line[WIDE:].rstrip() for line in lines
    )


def explained(fault: str, recording: str) -> bool:
    """Whether a recording shows what its fault must show, and a diagnosis rests on."""
    client, server = sides(recording)
    arrived = re.findall(r"← event ([\d, ]+)", client)
    match fault:
        case "strips":
            return "Upgrade" in client and "Upgrade" not in server and "← 426" in client
        case "buffers":
            return server.count("← event") > len(arrived) > 0 and "," in arrived[0]
        case "idle":
            return (
                "← FIN" in client and "→ FIN" in server and "504" not in client and "← 200, event 2" in client
            )
        case "half-open":
            # An event left the server twice, reached the client once, and no end was cut off or refused.
            sent, came = (re.findall(r"← event 3\b", side) for side in (server, client))
            return len(sent) == 2 and len(came) == 1 and "RST" not in client and "504" not in client
        case "lost answer":
            again = re.findall(r"→ GET …/events\?after=(\S+)&wait", client)
            return "← RST" in client and again[0] == again[1] and server.count("event 1") == 2
        case _:
            return "← 504" in client and "504" not in server


@pytest.mark.parametrize("fault", RECORDED)
def test_a_stored_recording_shows_its_fault_and_no_other(fault: str) -> None:
    assert [each for each in RECORDED if explained(each, RECORDED[fault])] == [fault]


def shows_itself(fault: str) -> bool:
    """Whether a recording made now shows its fault. On a busy machine a scene may come late: then another take."""
    return any(explained(fault, record(fault)) for _take in range(3))


def test_recorded_anew_each_fault_shows_itself() -> None:
    assert SCENES.keys() == RECORDED.keys()
    with ThreadPoolExecutor(3) as pool:
        shown = dict(zip(SCENES, pool.map(shows_itself, SCENES), strict=True))
    assert [fault for fault, shows in shown.items() if not shows] == []


def test_of_all_ways_two_do_not_bring_everything_and_the_others_bring_it_once() -> None:
    with Lab() as lab:
        passages = grid.every_way(lab)
    failed = {(each.box, each.technique): each.words for each in passages if len(each.arrived) < grid.EVENTS}
    assert failed == {
        ("strips Upgrade", "websocket"): "refused: 426",
        ("buffers 4 KiB", "sse"): "0 of 5 in time",
    }
    assert all(
        each.arrived == [1, 2, 3, 4, 5] for each in passages if (each.box, each.technique) not in failed
    )
    again = {each.box for each in passages if each.reconnects and each.technique == "long"}
    assert {"loses an answer", "504 after 0.3 s"} <= again
    drawn = maps.grid_map(passages, title="ways", dark=True)
    assert "WebSocket, strips Upgrade: refused: 426." in drawn.description


def test_a_reader_on_each_path_has_every_event_and_the_network_is_as_before() -> None:
    with Lab() as lab:
        seen = paths.a_reader_on_each(
            lab, {"cut": CutsAt(seconds=0.3, times=1), "open": Middlebox()}, events=4
        )
        assert [each.events for each in seen.values()] == [[1, 2, 3, 4]] * 2
        assert [each.connections for each in seen.values()] == [2, 1]
        assert lab._tap.delay == 0
        assert not lab._tap.middleboxes


def test_readers_of_a_lab_that_is_closed_say_so_and_do_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(WebSocket, "PATIENCE", 0.2)
    lab = Lab()
    lab.close()
    with pytest.raises(Unavailable):
        paths.a_reader_on_each(lab, {"open": Middlebox()})
    assert lab._tap.delay == 0


def test_each_row_of_arrivals_has_a_scale_of_its_own() -> None:
    rows = {"all at once": [0.5] * 100, "one by one": [0.1, 0.2, 0.3]}
    drawn = pictures.arrivals(rows, title="herds", until=1.0)
    assert "all at once: at most 100 requests in 10 ms, at 0.50 s." in drawn.description
    words = " ".join(each.get_text() for each in drawn.figure.findobj(Text))
    assert "top: 100 in 10 ms" in words
    assert "top: 1 in 10 ms" in words


@pytest.mark.parametrize("rule", [lambda n, _: 0.02 * 2**n, lambda n, chance: chance.uniform(0, 0.02 * 2**n)])
def test_a_herd_comes_back_by_either_rule(rule: herd.Pause) -> None:
    found = herd.come_back(12, rule, outage=0.1)
    assert found.back == 12
    assert len(found.attempts) >= 12
    drawn = pictures.arrivals({"herd": found.attempts}, title="herd", until=5.0, away=0.1)
    assert "at most" in drawn.description


def test_requests_are_counted_by_slots() -> None:
    assert pictures.counted([0.001, 0.009, 0.010, 0.031]) == {0: 2, 1: 1, 3: 1}


def test_where_there_is_nothing_to_draw_it_is_said() -> None:
    with pytest.raises(BadInput, match="nothing to draw"):
        pictures.arrivals({"nobody": []}, title="", until=1.0)
    with pytest.raises(BadInput, match="nothing to draw"):
        pictures.two_ends([], [], silent=0, published=[], arrived=[], title="")
    with pytest.raises(BadInput, match="nothing to draw"):
        maps.grid_map([], title="")
    with pytest.raises(BadInput, match="nothing to draw"):
        maps.ways_map([], title="")


def test_both_ends_say_open_until_a_heartbeat_is_missed() -> None:
    with Lab(limits=Limits(heartbeat=0.3)) as lab:
        lab.middleboxes(HalfOpen(after=0.2, times=1))
        with WebSocket(lab.channel("ward"), silence=0.6) as reader, Ends(lab, reader) as ends:
            assert str(look(lab)) == "clients say open: 1, server says open: 1"
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline and not (ends.servers and ends.servers[0].ended):
                list(reader.events(timeout=0.1))
            lab.publish("ward", "found")
            assert [event.data for event in reader.events(limit=1, timeout=10)] == ["found"]
        assert ends.clients[0].ended
        assert ends.servers[0].ended
        drawn = pictures.two_ends(
            ends.clients, ends.servers, silent=ends.clients[0].start, published=[], arrived=[], title="ends"
        )
    assert "0 events were published" in drawn.description


def test_for_a_reader_that_does_not_read_no_more_than_one_write_is_kept_and_the_gap_counts_the_rest() -> None:
    with Lab(limits=Limits(events=50)) as lab:
        url = lab.channel("news").replace(lab.url, lab.server_url)
        with ServerSentEvents(url) as lazy:
            assert kept(lab, "news") == 0
            for number in range(1, 201):
                lab.publish("news", {"n": number, "text": "." * 10_000})
            assert 0 < kept(lab, "news") <= Limits().send_bytes
            items: list[Event | Gap] = []
            while not items or not isinstance(items[-1], Event) or items[-1].data["n"] < 200:
                items += lazy.events(limit=1, timeout=20)
    missed = sum(item.missed or 0 for item in items if isinstance(item, Gap))
    assert missed > 0
    assert missed + sum(isinstance(item, Event) for item in items) == 200


def test_a_box_strips_what_it_can_read_and_no_more() -> None:
    site, company = Authority(), Authority()
    try:
        with Lab() as lab:
            ws = lab.channel("news")
            wss = ws.replace("http:", "https:")
            lab.middleboxes(StripsUpgrade())
            assert handshake(ws) == "426"
            lab.middleboxes(StripsUpgrade(), site.takes_off())
            assert handshake(wss, site.cacert) == "101"
            lab.middleboxes(company.takes_off(), StripsUpgrade(), site.puts_on(), site.takes_off())
            assert handshake(wss, company.cacert) == "426"
            assert handshake(wss, site.cacert) == "certificate refused"
    finally:
        site.close()
        company.close()
    assert not site.cacert.exists()
    ways = [
        maps.Way("wss", (True, True), "strips", "101", True),
        maps.Way("ws", (False, False), "strips", "426", False),
    ]
    assert maps.ways_map(ways, title="ways").description == "wss, strips: 101. ws, strips: 426."


def test_a_proxy_that_asks_who_asks_says_how_to_answer() -> None:
    with Lab() as lab:
        lab.middleboxes(Refuses(407, only="^CONNECT"))
        head = ask_for_tunnel(lab.url, "chat.example")
        lab.middleboxes(Refuses(403, only="^CONNECT"))
        assert ask_for_tunnel(lab.url, "chat.example").startswith("HTTP/1.1 403 Forbidden")
    assert head.startswith("HTTP/1.1 407 Proxy Authentication Required")
    assert "Proxy-Authenticate: Basic" in head


def test_a_reader_that_falls_back_is_drawn_lane_by_lane() -> None:
    with Lab() as lab:
        lab.middleboxes(StripsUpgrade())
        with connect(lab.channel("scores")) as reader:
            lab.publish("scores", 1)
            list(reader.events(limit=1, timeout=10))
        lab.publish("other", 1)
        drawn = lanes.one_after_the_other(lab, "scores", title="tried")
        beside = lanes.side_by_side(lab, ["scores", "other"], title="beside")
    assert drawn.summary == "tried: WebSocket, server-sent events"
    assert beside.summary == "beside: scores, other"


def test_the_longest_pause_bounds_the_rate_of_a_herd_that_has_come_to_it() -> None:
    clients, longest = 5_000, 10.0
    storm = reconnections(clients, service=1e-6, outage=200.0, first=longest, longest=longest, seed=1)
    before = storm.attempts.arrived[(storm.attempts.arrived > 100) & (storm.attempts.arrived < 200)]
    assert longest_pause(clients, len(before) / 100) == pytest.approx(longest, rel=0.02)
