"""Prediction: what is shown is the server's state and the moves on top of it, and in the end the server's alone."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.apps.game.prediction import Prediction
from rtlab.apps.game.referee import Referee
from rtlab.apps.game.rules import MOVES

from .test_rules import PAGE, in_node

ME, OTHER = "boat-me", "boat-other"
# What happens next: a move of mine or of the other, a tick, a message that arrives up or down, one that is lost.
HAPPENINGS = st.lists(
    st.one_of(
        st.sampled_from(list(MOVES)).map(lambda move: ("me", move)),
        st.sampled_from(list(MOVES)).map(lambda move: ("other", move)),
        st.sampled_from([("tick", ""), ("up", ""), ("down", ""), ("lost up", ""), ("lost down", "")]),
    ),
    max_size=150,
)


class World:
    """A referee, a player who predicts, and the messages between them."""

    def __init__(self):
        self.referee, self.prediction = Referee(), Prediction(ME)
        self.up, self.down, self.corrections = [], [], []
        self.others = 0
        for who in (ME, OTHER):
            self.referee.hear(who, who, 1, [], 0.0)
        self.prediction.receive(self.referee.tick(0.0))

    def happen(self, what, move):
        if what == "me":
            if len(self.prediction.waiting) < 40:
                self.prediction.move(move)
                self.send()
        elif what == "other":
            self.others += 1
            self.referee.hear(OTHER, OTHER, self.others, [move], 0.0)
        elif what == "tick":
            self.down.append(self.referee.tick(0.0))
        elif what == "up" and self.up:
            self.referee.hear(ME, ME, *self.up.pop(0), 0.0)
        elif what == "down" and self.down:
            self.corrections.append(self.prediction.receive(self.down.pop(0)))
        elif what == "lost up" and self.up:
            self.up.pop(0)
        elif what == "lost down" and self.down:
            self.down.pop(0)

    def send(self):
        """All that the server has not seen, again."""
        waiting = self.prediction.waiting
        if waiting:
            self.up.append((waiting[0][0], [move for _, move in waiting]))

    def settle(self):
        for _ in range(60):
            self.send()
            for what in ("up", "tick", "down"):
                self.happen(what, "")
        while self.up or self.down:
            self.happen("up", "")
            self.happen("down", "")


@settings(max_examples=40, deadline=None)
@given(HAPPENINGS)
def test_when_all_moves_are_seen_the_prediction_is_the_servers_state(happenings):
    world = World()
    for what, move in happenings:
        world.happen(what, move)
    world.settle()
    assert world.prediction.waiting == []
    assert world.prediction.shown == world.referee.pond
    assert world.prediction.told["boats"][ME]["seen"] == world.prediction.number


@settings(max_examples=40, deadline=None)
@given(HAPPENINGS)
def test_alone_on_the_pond_nothing_is_ever_corrected(happenings):
    world = World()
    for what, move in happenings:
        if what != "other":
            world.happen(what, move)
    world.settle()
    assert not any(world.corrections)


def test_a_move_is_shown_before_anybody_else_knows_of_it():
    world = World()
    before = world.prediction.shown["boats"][ME].copy()
    way = "e" if before["x"] < 480 else "w"
    assert world.prediction.move(way) == 1
    assert abs(world.prediction.shown["boats"][ME]["x"] - before["x"]) == 10
    assert world.referee.pond["boats"][ME] == before


def test_an_older_state_that_comes_late_changes_nothing():
    world = World()
    old, new = world.referee.tick(0.0), world.referee.tick(0.0)
    world.prediction.receive(new)
    world.prediction.receive(old)
    assert world.prediction.told is new


def test_the_pages_prediction_is_the_same():
    world, lines = World(), []
    start = world.referee.pond
    for turn in range(30):
        move = "ne" if turn % 7 else "s"
        world.happen("me", move)
        world.happen("other", "w")
        lines.append(["move", move])
        for what in ("up", "tick") if turn % 3 else ("tick",):
            world.happen(what, "")
        if turn % 2 and world.down:
            lines.append(["receive", world.down[0]])
            world.happen("down", "")
    source = f"""
import {{Prediction}} from {json.dumps((PAGE / "prediction.js").as_uri())};
const prediction = new Prediction({json.dumps(ME)});
const corrections = {json.dumps([["receive", start], *lines])}.map(([verb, what]) => [verb, prediction[verb](what)]);
console.log(JSON.stringify([prediction.shown, prediction.waiting, corrections]));
"""
    shown, waiting, told = json.loads(in_node(source))
    corrections = [far for verb, far in told if verb == "receive"][1:]
    assert shown == world.prediction.shown
    assert waiting == [list(each) for each in world.prediction.waiting]
    assert corrections == world.corrections
