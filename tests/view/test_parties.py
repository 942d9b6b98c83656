"""The diagram of more than two parties: everything that crosses is an arrow, everything held a bar."""

import pytest

from rtlab.errors import BadInput
from rtlab.view.parties import Crossing, Held, Open, draw_parties

NAMES = ("server", "service", "device")
MS = 1_000_000
ASKED = Crossing("device", "service", "asks", 0, 40 * MS, "awake")
SENT = Crossing("server", "service", "carries", 100 * MS, 140 * MS, "message 1, TTL 60")


def words(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


def test_each_party_and_each_crossing_is_named_in_the_picture_and_in_words():
    picture = draw_parties(NAMES, [ASKED, SENT], title="Two")
    assert set(NAMES) | {"awake", "message 1, TTL 60", "Two"} <= set(words(picture))
    assert picture.summary == "Two: server, service, device"
    assert "device to service: awake." in picture.description


def test_the_legend_has_the_signs_of_the_picture_and_no_others():
    plain = words(draw_parties(NAMES, [SENT]))
    assert "carries a message" in plain
    assert not {
        "an open connection",
        "kept for a device that is not there",
        "asks, answers, acknowledges",
    } & set(plain)
    held = [
        Held("service", 140 * MS, 300 * MS, "keeps 1"),
        Held("service", 150 * MS, 150 * MS, "dropped", lost=True),
    ]
    full = words(draw_parties(NAMES, [ASKED, SENT], [Open("service", "device", 40 * MS, 200 * MS)], held))
    assert {"an open connection", "kept for a device that is not there", "keeps 1", "dropped"} <= set(full)


def test_no_two_labels_lie_upon_each_other():
    crossings = [
        Crossing("server", "service", "carries", at * MS, (at + 4) * MS, f"message {at}")
        for at in range(0, 90, 3)
    ]
    picture = draw_parties(NAMES, crossings)
    found = [text.get_position() for text in picture.figure.axes[0].texts if "message " in text.get_text()]
    assert len(found) == 30
    near = [(a, b) for n, a in enumerate(found) for b in found[:n] if abs(a[0] - b[0]) < 40]
    assert all(abs(one[1] - other[1]) > 8 for one, other in near)


@pytest.mark.parametrize("crossings", [[], [Crossing("stranger", "device", "asks", 0, 1)]])
def test_nothing_and_strangers_are_refused(crossings):
    with pytest.raises(BadInput, match="between server, service, device only"):
        draw_parties(NAMES, crossings)


def test_it_is_drawn_on_a_dark_ground_too():
    assert draw_parties(NAMES, [ASKED], dark=True).png.startswith(b"\x89PNG")
