"""Libraries on the wire: a real Socket.IO server and client through the tap, and what a cut costs whom."""

from collections.abc import Iterator

import pytest

from rtlab import Lab
from rtlab.teach.libraries import Session, after_a_cut, socket_io_session
from rtlab.wire.proxies import StripsUpgrade


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def said(session: Session, phase: str) -> list[str]:
    return sorted(session.phases[phase].packets)


def test_socket_io_opens_by_polling_and_climbs_to_a_websocket(lab: Lab) -> None:
    session = socket_io_session(lab, heartbeat=0.2)
    phases = session.phases
    assert session.transport == "websocket"
    assert said(session, "opening") == ["connect", "connect", "open"]
    assert said(session, "upgrade") == ["noop", "ping probe", "pong probe", "upgrade"]
    assert said(session, "event") == ["event news"] * 2
    assert said(session, "acknowledgement") == ["ack 1", "event order, ack 1"]
    assert {"ping", "pong"} == set(phases["heartbeat"].packets)
    assert session.answer == {"accepted": {"item": "tea"}}
    counts = {name: (one.connections, one.requests, one.frames) for name, one in phases.items()}
    assert counts["opening"] == (1, 1, 2)
    assert counts["upgrade"] == (1, 1, 4)
    assert counts["event"] == (0, 0, 2)
    assert counts["acknowledgement"] == (0, 0, 2)
    assert counts["reconnect"] == (2, 2, 6)
    event = '42["news",{"id":"news.1","text":"hello"}]'
    assert (phases["event"].up, phases["event"].down) == (0, 2 * (2 + len(event)))
    beats = phases["heartbeat"]  # the last ping may have met the cut
    assert (beats.up, beats.down) == (7 * beats.packets.count("pong"), 3 * beats.packets.count("ping"))


def test_every_byte_belongs_to_a_phase(lab: Lab) -> None:
    session = socket_io_session(lab, heartbeat=0.2)
    counts = lab.wire.counts
    assert sum(phase.up for phase in session.phases.values()) == counts.up
    assert sum(phase.down for phase in session.phases.values()) == counts.down


def test_a_second_session_on_the_same_lab_and_one_after_a_restart_are_like_the_first(lab: Lab) -> None:
    after_a_cut(lab)
    for _ in range(2):
        assert socket_io_session(lab, heartbeat=0.1).lost == 5
        lab.restart_server()


def test_where_upgrade_is_stripped_it_stays_on_polling_and_works(lab: Lab) -> None:
    lab.middleboxes(StripsUpgrade())
    session = socket_io_session(lab, heartbeat=0.2)
    assert session.transport == "polling"
    assert session.phases["upgrade"].packets == ()
    assert (session.phases["upgrade"].requests, session.phases["upgrade"].frames) == (1, 0)
    assert said(session, "event") == ["event news"] * 2
    assert session.phases["event"].requests == 2
    assert said(session, "acknowledgement") == ["ack 1", "event order, ack 1"]
    assert all(phase.frames == 0 for phase in session.phases.values())


def test_what_is_sent_while_it_is_away_is_gone(lab: Lab) -> None:
    session = socket_io_session(lab, heartbeat=0.2)
    assert [event["id"] for event in session.got] == ["news.1", "news.7"]
    assert session.lost == 5
    picture = session.picture()
    assert "Socket.IO" in picture.description
    assert "reconnect" in repr(session)
    assert "<table" in session._repr_html_()


def test_after_a_cut_socket_io_has_lost_five_events_and_rtlab_none(lab: Lab) -> None:
    found = after_a_cut(lab)
    assert found.socket_io == [0, 6]
    assert found.rtlab == [0, 1, 2, 3, 4, 5, 6]
    assert "0, 1, 2, 3, 4, 5, 6" in repr(found)
