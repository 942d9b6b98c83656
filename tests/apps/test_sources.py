"""Sources publish at their rate, and tell what went wrong."""

import itertools
import threading

import pytest

from rtlab.apps.sources import Source, chance, machine
from rtlab.errors import BadInput


class Heard:
    def __init__(self, wanted):
        self.data, self.wanted, self.enough = [], wanted, threading.Event()

    def __call__(self, data):
        self.data.append(data)
        if len(self.data) >= self.wanted:
            self.enough.set()


def test_a_source_publishes_samples_in_order_until_closed():
    heard = Heard(20)
    with Source(heard, itertools.count(), rate=500) as source:
        assert heard.enough.wait(10)
    assert heard.data == list(range(len(heard.data)))
    assert source.published == len(heard.data)


def test_a_new_rate_holds_at_once():
    heard = Heard(3)
    with Source(heard, itertools.count(), rate=0.001) as source:
        source.rate = 500
        assert heard.enough.wait(10)


def test_poisson_moments_are_the_same_for_the_same_seed():
    samples = [list(itertools.islice(chance(seed=7), 50)) for _ in range(2)]
    assert samples[0] == samples[1]
    heard = Heard(10)
    with Source(heard, chance(7), rate=1000, poisson=True, seed=7):
        assert heard.enough.wait(10)
    assert heard.data == samples[0][: len(heard.data)] or len(heard.data) > 50


def test_what_publishing_raises_is_raised_when_the_source_is_closed():
    def refuse(_data):
        raise BadInput("no")

    source = Source(refuse, itertools.count(), rate=500)
    source._thread.join(10)
    with pytest.raises(BadInput, match="no"):
        source.close()
    source.close()


def test_a_source_that_runs_dry_ends_quietly():
    heard = Heard(3)
    with Source(heard, iter([1, 2, 3]), rate=500):
        assert heard.enough.wait(10)
    assert heard.data == [1, 2, 3]


def test_the_machines_metrics_are_real():
    samples = machine()
    first, second = next(samples), next(samples)
    for sample in (first, second):
        assert all(0 <= load <= 100 for load in sample["cpu"])
        assert 0 < sample["memory"] < 100
        assert all(sample[name] >= 0 for name in ("disk_read", "disk_written", "received", "sent"))


def test_a_source_with_a_duration_ends_by_itself_and_a_seed_gives_the_same_number_of_events():
    numbers = []
    for _ in range(2):
        with Source(lambda _data: None, itertools.count(), 200, poisson=True, seed=3, duration=0.2) as source:
            source._thread.join(10)
            assert not source.running
            numbers.append(source.published)
    assert numbers[0] == numbers[1] > 0


@pytest.mark.parametrize("rate", [0, -1, float("nan"), 1001])
def test_an_impossible_rate_is_refused(rate):
    with pytest.raises(BadInput, match="above 0"):
        Source(print, itertools.count(), rate=rate)
