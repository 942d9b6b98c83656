"""Devices do as they are told, or say why not."""

import pytest

from rtlab.apps.devices.catalogue import KINDS
from rtlab.apps.devices.machine import MACHINES


def test_there_is_a_machine_for_each_kind_and_it_knows_every_command():
    assert set(MACHINES) == set(KINDS)
    for kind, what in KINDS.items():
        for word in what.commands:
            machine = MACHINES[kind]("seed")
            if word in ("dim", "close"):  # which make no sense at first
                machine.obey({"dim": "on", "close": "open"}[word], None)
            assert machine.obey(word, 5.0)
            assert set(machine.reading()) == {"value", "unit"}


def test_a_lamp_keeps_its_brightness_while_it_is_off():
    lamp = MACHINES["lamp"]("")
    with pytest.raises(ValueError, match="switch it on first"):
        lamp.obey("dim", 30)
    lamp.obey("on", None)
    assert lamp.obey("dim", 30) == "shines at 30 %"
    lamp.obey("off", None)
    assert lamp.reading()["value"] == 0
    assert lamp.obey("on", None) == "shines at 30 %"


def test_a_valve_is_not_opened_twice():
    valve = MACHINES["valve"]("")
    assert valve.obey("open", None) == "is open"
    with pytest.raises(ValueError, match="open already"):
        valve.obey("open", None)
    assert valve.obey("close", None) == "is closed"


def test_a_thermometer_reports_as_often_as_it_is_told_and_two_differ():
    one, other = (MACHINES["thermometer"](name) for name in ("a", "b"))
    assert one.obey("report", 7.0) == "reports every 7 s"
    assert one.every == 7
    assert one.reading() != other.reading()
