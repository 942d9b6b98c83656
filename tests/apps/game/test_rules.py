"""The pond's rules: by themselves, and the same in Python and in the page's JavaScript."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import playwright
import pytest

from rtlab.apps import game
from rtlab.apps.game.referee import Referee
from rtlab.apps.game.rules import HEIGHT, MOVES, RADIUS, REACH, WIDTH, launch, leave, new_pond, steer

DRIVER = Path(playwright.__file__).parent / "driver"
PAGE = Path(game.__file__).parent
REPLAY = """
import * as rules from %s;
const told = [];
for await (const chunk of process.stdin) told.push(chunk);
let pond = rules.newPond(7);
for (const [verb, ...what] of JSON.parse(told.join(""))) console.log(JSON.stringify(pond = rules[verb](pond, ...what)));
"""


def node() -> str:
    """A node: the machine's, or the one that drives the browser in tests."""
    found = shutil.which("node") or next((str(p) for p in DRIVER.glob("node*") if p.is_file()), None)
    assert found
    return found


def in_node(source: str, given: str = "") -> str:
    """What a module prints to whom it is given."""
    command = [node(), "--input-type=module", "-e", source]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def alone(x: int, y: int, **others: tuple[int, int]):
    """A pond with a boat `a` at a place, and others."""
    pond = {**new_pond(), "buoys": []}
    for who, (at_x, at_y) in {"a": (x, y), **others}.items():
        pond = launch(pond, who, who)
        pond["boats"][who].update(x=at_x, y=at_y)
    return pond


def test_a_move_goes_one_step_and_says_which_it_was():
    pond = steer(alone(300, 200), "a", 5, "e")
    assert pond["boats"]["a"] == {"name": "a", "x": 310, "y": 200, "score": 0, "seen": 5}


def test_the_bank_stops_a_boat():
    pond = alone(RADIUS + 3, HEIGHT - RADIUS)
    for number, move in enumerate(("w", "sw", "s"), 1):
        pond = steer(pond, "a", number, move)
    assert (pond["boats"]["a"]["x"], pond["boats"]["a"]["y"]) == (RADIUS, HEIGHT - RADIUS)


def test_a_boat_does_not_sail_into_another_but_away_from_one():
    pond = alone(300, 200, b=(300 + 2 * RADIUS, 200))
    assert steer(pond, "a", 1, "e")["boats"]["a"]["x"] == 300
    assert steer(pond, "a", 1, "w")["boats"]["a"]["x"] == 290
    assert steer(alone(300, 200, b=(305, 200)), "a", 1, "w")["boats"]["a"]["x"] == 290


def test_a_buoy_is_got_once_and_another_one_is_put_out():
    pond = alone(300, 200)
    pond["buoys"] = [[300 + REACH + 10, 200]]
    pond = steer(pond, "a", 1, "e")
    assert pond["boats"]["a"]["score"] == 1
    assert pond["buoys"] != [[300 + REACH + 10, 200]]
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in pond["buoys"])


def test_a_move_changes_no_state_that_somebody_holds():
    pond = alone(300, 200)
    before = json.dumps(pond)
    steer(pond, "a", 1, "e")
    leave(pond, "a")
    assert json.dumps(pond) == before


def test_the_pages_rules_come_to_the_very_same_states():
    chance, pond, story, states = random.Random(3), new_pond(7), [], []
    verbs = {"launch": launch, "leave": leave, "steer": steer}
    for number in range(1200):
        player = chance.choice("abcd")
        if player not in pond["boats"]:
            verb, *what = "launch", player, player.upper()
        elif chance.random() < 0.01:
            verb, *what = "leave", player
        else:
            verb, *what = "steer", player, number, chance.choice(list(MOVES))
        pond = verbs[verb](pond, *what)
        story.append((verb, *what))
        states.append(pond)
    source = REPLAY % json.dumps((PAGE / "rules.js").as_uri())
    told = in_node(source, json.dumps(story))
    assert [json.loads(line) for line in told.splitlines()] == states
    assert any(boat["score"] for state in states for boat in state["boats"].values()), "buoys were got"


class TestReferee:
    @pytest.fixture
    def referee(self):
        referee = Referee()
        referee.hear("boat-a", "Ada", 1, [], 0.0)
        return referee

    def test_a_move_that_comes_twice_or_late_counts_once(self, referee):
        at = referee.pond["boats"]["boat-a"]["x"]
        way = ["e"] * 3 if at < WIDTH / 2 else ["w"] * 3
        referee.hear("boat-a", "Ada", 1, way, 0.0)
        referee.hear("boat-a", "Ada", 2, way, 0.0)  # 2 and 3 again, and 4
        referee.hear("boat-a", "Ada", 1, way[:1], 0.0)
        boat = referee.tick(0.05)["boats"]["boat-a"]
        assert (abs(boat["x"] - at), boat["seen"]) == (40, 4)

    def test_a_fast_page_is_hardly_faster_than_the_clock(self, referee):
        number = 1
        for tick in range(1, 101):
            referee.hear("boat-a", "Ada", number, ["n", "s", "n", "s"], tick / 20)
            number = referee.seats["boat-a"].heard + 1
            referee.tick(tick / 20)
        assert 100 <= referee.pond["boats"]["boat-a"]["seen"] <= 100 * 1.25 + 10

    def test_what_finds_no_room_is_heard_when_it_is_sent_again(self, referee):
        moves = ["n", "s"] * 25
        referee.hear("boat-a", "Ada", 1, moves, 0.0)
        assert referee.seats["boat-a"].heard == 40
        for tick in range(1, 40):
            referee.hear("boat-a", "Ada", 1, moves, 0.0)
            referee.tick(tick / 20)
        assert referee.pond["boats"]["boat-a"]["seen"] == 50

    def test_who_is_silent_leaves_and_makes_room(self, referee):
        for number in range(11):
            referee.hear(f"boat-{number}", "x", 1, [], 5.0)
        assert not referee.has_room("boat-late")
        referee.hear("boat-late", "Late", 1, [], 5.0)
        assert set(referee.tick(6.5)["boats"]) == {f"boat-{number}" for number in range(11)}
        assert referee.has_room("boat-late")
