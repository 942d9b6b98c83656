"""Past the knee: what the chart of lesson 09 shows."""

import pytest

from rtlab.measure.calibrate import setups
from rtlab.measure.trial import trial
from rtlab.teach.knee import EVEN, RANDOM, knee_parts
from rtlab.view.charts import Measurement, Quantity, chart

CLIENTS, SERVICE = 400, 0.5e-3  # full at 5 polls a second of each


def test_even_requests_go_flat_at_the_knee_and_random_ones_climb_beside_it() -> None:
    random, even, virtual, _, measured = knee_parts(CLIENTS, SERVICE)
    assert (random.name, even.name) == (RANDOM, EVEN)
    assert even.y[-1] == pytest.approx(100, rel=0.01)
    assert max(random.x) < 5
    assert random.y[-1] > 10 * min(random.y)
    assert virtual.y[-1] == pytest.approx(100, rel=0.1)
    assert not measured.x


def test_a_run_is_a_dot_within_the_lines() -> None:
    setup = setups(0.3)["short"]
    run = trial(setup)
    parts = knee_parts(setup.clients, SERVICE, [run])
    dot = parts[-1]
    assert isinstance(dot, Measurement)
    assert dot.x == [2.0]
    across, up = Quantity("polls a second", log=True), Quantity("mean latency", "ms", log=True)
    assert "T/2" in repr(chart(parts, across=across, up=up))
