"""The interval policies, with no clock but the test's own."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.clients.pace import AIMD, Backoff, Fixed, FollowRate, Pace, ServerHint
from rtlab.errors import BadInput

POLICIES: list[Callable[[], Pace]] = [lambda: Fixed(0.5), Backoff, AIMD, FollowRate, ServerHint]
MINIMUM, MAXIMUM = 0.1, 60.0  # of all their defaults


def intervals(pace: Pace, *events: int) -> list[float]:
    return [pace.next(n, pace.interval) for n in events]


def test_fixed_stays() -> None:
    assert intervals(Fixed(0.4), 0, 5, 0) == [0.4, 0.4, 0.4]


def test_backoff_multiplies_until_its_maximum_and_begins_again_with_an_event() -> None:
    pace = Backoff(0.25, 1.5, 2.0)
    assert pace.interval == 0.25
    assert intervals(pace, 0, 0, 0, 0, 1, 0) == [0.5, 1.0, 1.5, 1.5, 0.25, 0.5]


def test_aimd_adds_a_step_and_divides_by_its_factor() -> None:
    pace = AIMD(0.25, 1.0, step=0.25, factor=2.0)
    assert intervals(pace, 0, 0, 0, 0, 1, 1, 1, 0) == [0.5, 0.75, 1.0, 1.0, 0.5, 0.25, 0.25, 0.5]


def test_follow_rate_finds_the_interval_that_brings_its_target() -> None:
    pace = FollowRate(0.1, 60.0, target=2.0, memory=5.0)
    for _ in range(500):  # 4 events a second, evenly: an answer brings 4 · interval of them
        pace.next(events=round(4 * pace.interval) or 1, elapsed=round(4 * pace.interval) / 4 or 0.25)
    assert pace.rate == pytest.approx(4.0)
    assert pace.interval == pytest.approx(0.5)


def test_follow_rate_forgets_as_its_formula_says() -> None:
    pace = FollowRate(0.5, 100.0, target=1.0, memory=10.0)
    assert pace.next(0, elapsed=10.0) == pytest.approx(0.5 * math.e)
    assert pace.next(3, elapsed=2.0) == pytest.approx(
        1 / (2 / math.e * math.exp(-0.2) + (1 - math.exp(-0.2)) * 1.5)
    )


def test_server_hint_does_as_told_within_its_bounds() -> None:
    pace = ServerHint(default=2.0, minimum=0.5, maximum=30.0)
    assert pace.interval == 2.0
    assert [pace.next(0, 1.0, hint) for hint in (5.0, None, 0.0, 3600.0)] == [5.0, 2.0, 0.5, 30.0]


@pytest.mark.parametrize("make", POLICIES)
@given(answers=st.lists(st.tuples(st.integers(0, 1000), st.floats(0, 100), st.none() | st.floats(0, 1e9))))
def test_an_interval_stays_within_its_bounds_whatever_comes(
    make: Callable[[], Pace], answers: list[tuple[int, float, float | None]]
) -> None:
    pace = make()
    for events, elapsed, hint in answers:
        assert MINIMUM <= pace.next(events, elapsed, hint) <= MAXIMUM
        assert pace.interval == pace.next(events, elapsed, hint) or not isinstance(pace, Fixed)


def mean_latency(pace: Pace, rate: float, events: int) -> tuple[float, float]:
    """Poisson events in virtual time, no network: mean wait for the next poll, and polls for each event."""
    chance = random.Random(1)
    asked, poll, polls, waited = 0.0, pace.interval, 0, 0.0
    event = chance.expovariate(rate)
    left = events
    while left:
        brought = 0
        while event <= poll and left:
            waited += poll - event
            event += chance.expovariate(rate)
            brought += 1
            left -= 1
        polls += 1
        asked, poll = poll, poll + pace.next(brought, poll - asked)
    return waited / events, polls / events


def test_on_poisson_events_back_off_meets_its_closed_form_and_loses_to_fixed() -> None:
    latency, cost = mean_latency(Backoff(0.25, 8.0, 2.0), rate=1.0, events=40_000)
    spans = [min(0.25 * 2**k, 8.0) for k in range(6)]
    visits = [1.0]
    for span in spans[:-1]:
        visits.append(visits[-1] * math.exp(-span))
    visits[-1] /= 1 - math.exp(-8.0)
    length = sum(n * span for n, span in zip(visits, spans, strict=True))
    expected = sum(n * span**2 / 2 for n, span in zip(visits, spans, strict=True)) / length
    assert latency == pytest.approx(expected, rel=0.03)
    assert cost == pytest.approx(sum(visits) / length, rel=0.03)
    fixed, same = mean_latency(Fixed(1 / cost), rate=1.0, events=40_000)
    assert same == pytest.approx(cost, rel=0.01)
    assert fixed < latency


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Fixed(0),
        lambda: Fixed(-1),
        lambda: Fixed(math.nan),
        lambda: Backoff(2, 1),
        lambda: Backoff(factor=1),
        lambda: AIMD(step=0),
        lambda: AIMD(factor=0.5),
        lambda: FollowRate(memory=0),
        lambda: FollowRate(target=-1),
        lambda: ServerHint(default=0),
        lambda: ServerHint(minimum=0),
    ],
)
def test_a_policy_that_cannot_be_is_refused(wrong: Callable[[], Pace]) -> None:
    with pytest.raises(BadInput, match="give"):
        wrong()
