"""`rtlab choose` as a user runs it: the chooser of lesson 09, by options."""

import pytest
from click.testing import CliRunner

from rtlab.cli import main
from rtlab.measure import choose
from rtlab.report import choosing


@pytest.mark.parametrize(
    ("arguments", "chosen", "says"),
    [
        ([], "server-sent events", "Not a push service"),
        (["--direction", "both-often"], "WebSocket", "a frame for each message"),
        (["--rate", "0.0003", "--budget", "600"], "short polling", "the longest that the budget allows"),
        (["--closed-app"], "a push service", "Not WebSocket: it reaches an app only while that is running."),
        (["--budget", "0.01"], "nothing will do", "0.04 s late at best"),
    ],
)
def test_the_choice_comes_first_then_why_then_the_figures_of_all(
    arguments: list[str], chosen: str, says: str
) -> None:
    done = CliRunner().invoke(main, ["choose", *arguments], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    first, *rest = done.output.splitlines()
    assert first == chosen
    assert says in done.output
    named = {line[: line.index("  ")] for line in rest if "  " in line.strip()}
    assert {"short polling", "WebSocket in batches", "a push service"} <= named
    assert "Costs are those of an example's server" in rest[-1]


def test_every_requirement_of_the_chooser_can_be_asked_for() -> None:
    assert tuple(choosing.DIRECTIONS.values()) == choose.DIRECTIONS
    assert tuple(choosing.ON_THE_WAY.values()) == choose.INTERMEDIARIES
    assert choosing.BATTERIES == choose.BATTERIES


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rate=-1"], "rate (events per second) must be"),
        (["--clients", "0"], "clients must be"),
        (["--battery", "steam"], "'mains', 'phone'"),
    ],
)
def test_a_slip_is_answered_with_one_sentence(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["choose", *arguments])
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output
