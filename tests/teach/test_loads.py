"""Costs as dots, ratios of costs, and the lines of who is dearer."""

import numpy as np
import pytest

from rtlab.measure.cost import crossover_rate
from rtlab.measure.unit_costs import EXAMPLE, Estimate
from rtlab.teach.loads import cost_dots, how_dear, push_to_polling


def test_an_interval_that_comes_down_to_0_is_drawn_to_a_fifth() -> None:
    dots = cost_dots("sse", [(10, Estimate(1.0, 0.0, 2.0)), (20, Estimate(2.0, 1.5, 2.5))])
    assert (dots.x, dots.y) == ([10, 20], [1.0, 2.0])
    assert (dots.low, dots.high) == ([0.2, 1.5], [2.0, 2.5])


def test_a_ratio_is_as_sure_as_both_of_its_costs() -> None:
    found = how_dear(Estimate(6, 5, 8), Estimate(2, 1, 4))
    assert (found.value, found.low, found.high) == (3, 1.25, 8)
    assert how_dear(Estimate(6, 5, 8), Estimate(2, 0, 4)).high == pytest.approx(20)


def test_the_lines_cross_where_the_crossover_says() -> None:
    poll, item, write = EXAMPLE.poll.value, EXAMPLE.item.value, EXAMPLE.websocket.value
    there = crossover_rate(1.0, poll, write, item)
    each, batches, polling = push_to_polling(EXAMPLE, [there / 2, there, 2 * there])
    assert each.y[0] < 1 < each.y[2]
    assert each.y[1] == pytest.approx(1)
    assert all(np.array(batches.y) < 1)
    assert list(polling.y) == [1, 1, 1]
