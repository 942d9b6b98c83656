"""The age of the newest state: closed forms against a simulation of the same path, and the measure by hand."""

import random

import pytest

from rtlab.errors import BadInput
from rtlab.measure.age import age_at, age_by_datagrams, age_in_order, mean_age

EVERY, DELAY, AFTER = 0.05, 0.03, 0.2


def simulated(share: float, after: float | None) -> float:
    """The mean age of 40,000 states; `after` None: what is lost stays lost."""
    chance, heard, latest = random.Random(5), [], 0.0
    for n in range(40_000):
        sent = n * EVERY
        arrived, timer = sent + DELAY, after
        while chance.random() < share:
            if timer is None:
                break
            arrived, timer = arrived + timer, 2 * timer
        else:
            latest = max(latest, arrived) if after else arrived
            heard.append((sent, latest))
    return mean_age(heard)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1])
def test_the_closed_forms_are_what_a_simulation_finds(share):
    assert age_by_datagrams(share, EVERY, DELAY) == pytest.approx(simulated(share, None), rel=0.01)
    assert age_in_order(share, EVERY, DELAY, AFTER) == pytest.approx(simulated(share, AFTER), rel=0.06)


def test_without_loss_both_are_half_an_interval_and_the_way():
    assert age_by_datagrams(0, EVERY, DELAY) == age_in_order(0, EVERY, DELAY, AFTER) == DELAY + EVERY / 2


def test_few_losses_stall_as_many_as_a_stall_has_states_and_all_behind():
    m, share = 4, 1e-4  # intervals in a stall: 1 + 2 + … + m of them for each loss
    extra = age_in_order(share, EVERY, 0, m * EVERY) - EVERY / 2
    assert extra == pytest.approx(share * EVERY * m * (m + 1) / 2, rel=0.01)


def test_the_age_grows_until_a_newer_state_comes_and_an_older_one_changes_nothing():
    heard = [(0.0, 1.0), (2.0, 3.0), (1.0, 4.0)]
    assert age_at(heard, [1.0, 2.0, 3.5, 4.0]) == [1.0, 2.0, 1.5, 2.0]
    assert mean_age(heard) == pytest.approx((2 * 2.0 + 1 * 1.5) / 3)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: age_by_datagrams(1, EVERY, DELAY),
        lambda: age_in_order(0.1, 0, DELAY, AFTER),
        lambda: age_in_order(0.3, EVERY, DELAY, AFTER),
        lambda: mean_age([(0.0, 1.0)]),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(BadInput):
        wrong()
