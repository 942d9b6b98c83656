"""The simulated network: delay, jitter, and losses that are sent again."""

import math
from itertools import islice

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure.network import Network


def test_without_jitter_and_loss_every_message_takes_the_delay() -> None:
    network, rng = Network(0.04), np.random.default_rng(0)
    assert network.is_steady
    assert set(network.transits(rng, 100)) == set(islice(network.draws(rng), 100)) == {0.04}


def test_jitter_adds_its_mean_and_never_takes_away() -> None:
    transits = Network(0.04, jitter=0.01).transits(np.random.default_rng(0), 400_000)
    assert transits.mean() == pytest.approx(0.05, rel=0.01)
    assert transits.min() >= 0.04


def test_a_loss_costs_a_time_out_and_a_second_one_twice_as_much() -> None:
    transits = Network(0.04, loss=0.1).transits(np.random.default_rng(0), 400_000)
    for losses, seconds in enumerate((0.04, 0.24, 0.64, 1.44)):
        share = float(np.mean(np.isclose(transits, seconds)))
        assert share == pytest.approx(0.9 * 0.1**losses, rel=0.1)


def test_single_draws_are_those_of_a_block() -> None:
    network = Network(0.04, jitter=0.01, loss=0.1)
    block = network.transits(np.random.default_rng(5), 4096)
    assert list(islice(network.draws(np.random.default_rng(5)), 4096)) == block.tolist()


@pytest.mark.parametrize(
    "wrong", [{"delay": -1}, {"jitter": math.nan}, {"loss": 1.0}, {"loss": -0.1}, {"timeout": 0}]
)
def test_a_network_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        Network(**wrong)
