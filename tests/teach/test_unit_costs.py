"""Unit costs as a lesson shows them."""

import re
from types import SimpleNamespace
from typing import Any, cast

from rtlab.measure.calibrate import Calibration
from rtlab.measure.unit_costs import EXAMPLE, Estimate
from rtlab.teach.unit_costs import unit_costs


def test_each_figure_stands_with_its_interval_beside_the_examples() -> None:
    noted = SimpleNamespace(result=SimpleNamespace(notes=("the machine was busy",)))
    found = Calibration(EXAMPLE, Estimate(130e-6, 100e-6, 2e-3), {"short": cast(Any, noted)}, cast(Any, None))
    shown = repr(unit_costs(found))
    assert re.search(r"an exchange, whatever it carries +650 µs +55\d to 74\d +650", shown)
    assert re.search(r"an event in it +161 bytes +exact", shown)
    assert "An append costs 130 µs (100 to 2,000) once" in shown
    assert "Note: the machine was busy." in shown
