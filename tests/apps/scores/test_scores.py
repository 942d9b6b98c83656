"""The match day on a server: told in order, corrections by the id of what they amend, and by nobody else."""

import pytest

from rtlab import Lab, ServerSentEvents, publish
from rtlab.apps.scores import Scores
from rtlab.apps.scores.board import Board
from rtlab.apps.site import Applications
from rtlab.errors import BadInput, ServerError


def test_a_match_day_is_played_and_an_early_and_a_late_reader_agree():
    with Lab(extensions=[Applications([Scores(minute=0.01, seed=1)])]) as lab:
        early, late = Board(), Board()
        over = 0
        with ServerSentEvents(lab.channel("scores"), after="start") as reader:
            for event in reader.events(timeout=20):
                early.take(event.id, event.data)
                over += event.data["kind"] == "end"
                if over == 6:
                    break
        with ServerSentEvents(lab.channel("scores"), after="start") as reader:
            for event in reader.events(timeout=20):
                late.take(event.id, event.data)
                if event.id == reader.cursor == early_end(early):
                    break
    assert early.scores == late.scores
    assert early.amended == late.amended
    assert early.amended, "this seed has corrections"
    assert sum(map(sum, early.scores.values())) > 5


def early_end(board):
    """The id of the last event that a board knows."""
    return list(board.facts)[-1]


def test_nobody_but_the_referee_makes_a_score():
    with (
        Lab(extensions=[Applications([Scores()])]) as lab,
        pytest.raises(ServerError, match="only the referee speaks"),
    ):
        publish(lab.channel("scores"), {"kind": "goal"})


def test_a_minute_takes_time():
    with pytest.raises(BadInput, match="more than 0"):
        Scores(minute=0)
