"""The chooser with its sliders, and unattended."""

from rtlab.measure.choose import Requirements
from rtlab.teach.chooser import chooser, chosen


def test_the_chooser_runs_unattended_and_follows_its_sliders() -> None:
    knobs = chooser()
    assert repr(knobs) == "The choice: server-sent events"
    assert "no promise" in knobs.picture.description
    assert repr(knobs.turn(direction="both, often", latency_budget="0.1 s")) == "The choice: WebSocket"
    assert (
        repr(knobs.turn(closed_app=True, battery="phone", direction="down"))
        == "The choice: push notification"
    )


def test_requirements_can_be_given_in_code() -> None:
    assert (
        repr(chosen(Requirements(intermediaries="strips Upgrade"), dark=True))
        == "The choice: server-sent events"
    )
