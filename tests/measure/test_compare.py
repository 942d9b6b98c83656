"""What a comparison runs: every technique on the same events, in one order; and its simulation."""

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure.compare import Plan, simulate
from rtlab.technique import TECHNIQUES


def test_without_a_choice_it_is_all_techniques_on_the_same_events() -> None:
    setups = Plan().setups()
    assert [setup.technique for setup in setups] == list(TECHNIQUES)
    times = [[list(events.times) for events in setup.workloads()] for setup in setups]
    assert all(each == times[0] for each in times)


def test_the_order_is_always_the_same() -> None:
    plan = Plan(techniques=["websocket", "short"])
    assert [setup.technique for setup in plan.setups()] == ["short", "websocket"]


def test_many_clients_share_channels() -> None:
    assert {setup.channels for setup in Plan(clients=250).setups()} == {100}
    assert {setup.channels for setup in Plan(clients=3).setups()} == {3}


@pytest.mark.parametrize(
    "wrong", [{"techniques": []}, {"techniques": ["pigeon"]}, {"clients": 0}, {"rate": -1.0}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Plan(**wrong)  # type: ignore[arg-type]


def test_theory_lies_in_the_band_of_the_simulation() -> None:
    within = np.geomspace(0.04, 1.1, 50)
    (setup,) = Plan(techniques=["short"]).setups()
    band = simulate(setup, within)
    assert band.mean[0] <= setup.predict().mean_latency <= band.mean[1]
    assert np.all(band.least <= band.most)
    assert (
        np.mean(
            (band.least - 0.02 <= setup.predict().cdf(within))
            & (setup.predict().cdf(within) <= band.most + 0.02)
        )
        > 0.9
    )
