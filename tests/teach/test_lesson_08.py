"""Lesson 08: a system that is run again and again, the four charts, and the list of what a generator left out."""

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import workload
from rtlab.measure.queueing import md1
from rtlab.teach.exercises import exercise
from rtlab.teach.lesson_08.locked import four_charts
from rtlab.teach.lesson_08.single_run import in_batches, one_write_each, p95_of_runs


def test_one_write_for_each_is_a_line_with_equal_service_times() -> None:
    events = workload.poisson(200.0, 500.0, seed=3)
    mean = one_write_each(events, clients=200, write=20e-6).mean()
    to_the_middle_client = (1 + 200) / 2 * 20e-6
    assert mean == pytest.approx(
        md1(rate=200.0, service=200 * 20e-6).mean_wait + to_the_middle_client, rel=0.05
    )


def test_a_batch_is_never_later_than_two_rounds_of_writes() -> None:
    events = workload.poisson(237.0, 10.0, seed=3)
    assert in_batches(events, clients=200, write=20e-6).max() <= 2 * 200 * 20e-6 + 1e-9


def test_near_the_limit_runs_of_one_system_lie_far_apart_and_batches_do_not() -> None:
    alone, gathered = p95_of_runs("one write each", 0.95), p95_of_runs("in batches", 0.95, runs=10)
    assert alone.max() > 5 * alone.min()
    assert 60 < np.median(alone) < 100
    assert gathered.max() < 1.1 * gathered.min() < alone.min()


def test_a_server_with_time_to_spare_gives_nearly_the_same_each_time() -> None:
    idle = p95_of_runs("one write each", 0.5)
    assert idle.max() < 2 * idle.min()


def test_a_way_of_writing_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="one write each, in batches"):
        p95_of_runs("by post", 0.5)


@pytest.mark.parametrize("dark", [False, True])
def test_the_four_charts_show_four_runs_of_which_two_are_flat(dark: bool) -> None:
    plots = four_charts(dark=dark).figure.axes[1:]
    heights = [plot.lines[0].get_ydata() for plot in plots]
    flat = [bool(np.ptp(values) < 1) for values in heights]
    assert flat == [True, False, True, False]
    assert heights[0][0] == pytest.approx(40)  # d, whatever the phase


def test_the_chart_of_the_answer_has_another_mean_at_another_phase() -> None:
    assert exercise("08.3").check("c").right
    assert not exercise("08.3").check("a").right


def test_what_is_put_back_does_not_depend_on_the_students_own_list() -> None:
    given = [10, 450, 10]

    def corrected(latencies: list[int], every: int) -> list[int]:
        everybody: list[int] = []
        while latencies:
            everybody += range(latencies.pop(0), 0, -every)
        return everybody

    assert exercise("08.4").check(corrected).right
    assert given == [10, 450, 10]
