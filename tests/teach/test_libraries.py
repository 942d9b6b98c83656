"""Libraries on the wire: a real Socket.IO server and client through the tap, and what a cut costs whom."""

import json
from collections.abc import Iterator
from pathlib import Path

import playwright
import pytest

from rtlab import Lab
from rtlab.errors import Missing
from rtlab.teach.libraries import NodeWs, Session, after_a_cut, bytes_per_event, socket_io_session
from rtlab.wire.proxies import StripsUpgrade

PAGE = Path(__file__).parents[2] / "docs" / "libraries.md"
DRIVER = Path(playwright.__file__).with_name(
    "driver"
)  # brings a Node along, and the library ws inside a bundle


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Node that finds a `ws`: where none is installed, the one that Playwright brings along."""
    bundle = json.dumps(str(DRIVER / "package" / "lib" / "utilsBundle.js"))
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "index.js").write_text(
        f"const {{ws, wsServer}} = require({bundle});\n"
        "module.exports = {WebSocket: ws, WebSocketServer: wsServer};\n"
    )
    monkeypatch.setenv("NODE_PATH", str(tmp_path))
    return str(next(path for path in (DRIVER / "node", DRIVER / "node.exe") if path.exists()))


def table(beginning: str) -> dict[str, list[str]]:
    """The rows of a table of the page, by their first cell."""
    lines = PAGE.read_text().partition(f"\n| {beginning} ")[2].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def said(session: Session, phase: str) -> list[str]:
    """The packets of a phase, without heartbeats that came along in the same body."""
    return sorted(name for name in session.phases[phase].packets if name not in ("ping", "pong"))


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


def test_the_page_has_the_figures_of_a_session(lab: Lab) -> None:
    phases = socket_io_session(lab).phases
    written = table("phase | connections")
    assert list(written) == ["opening", "upgrade", "event", "acknowledgement", "reconnect"]
    for name, row in written.items():
        one = phases[name]
        found = (one.connections, one.requests, one.frames, one.up, one.down)
        assert row == [f"{figure:,}" for figure in found], name


def test_the_page_has_the_bytes_of_an_event_by_each(lab: Lab, node: str) -> None:
    with NodeWs(node) as ws:
        weights = bytes_per_event(lab, ws)
    written = table("| opening | up")
    assert list(written) == [row.name for row in weights.rows]
    for name, row in written.items():
        one = weights[name]
        assert row == [f"{one.opening:,}", f"{one.up:g}", f"{one.down:g}"], name
    assert "ws" in repr(weights)
    assert "<table" in weights._repr_html_()


def test_the_page_has_what_was_lost(lab: Lab) -> None:
    found = after_a_cut(lab)
    written = table("| got | lost")
    assert written["Socket.IO"] == [", ".join(map(str, found.socket_io)), str(7 - len(found.socket_io))]
    assert written["rtlab, WebSocket"] == [", ".join(map(str, found.rtlab)), str(7 - len(found.rtlab))]


def test_where_node_or_ws_is_missing_it_says_how_to_get_them(
    node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ws" / "index.js").write_text("throw new Error(\"Cannot find module 'ws'\");")
    with pytest.raises(Missing, match=r"npm install ws.*Cannot find module 'ws'"):
        NodeWs(node)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match=r"Node is not installed: install Node"):
        NodeWs()
