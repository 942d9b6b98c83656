"""What may be ordered of whom: an unknown device, command or number is refused at its field."""

import pytest

from rtlab.apps.devices.catalogue import Command, Device, household
from rtlab.errors import BadInput, InvalidField

DEVICES = {device.name: device for device in household()}


def test_a_household_has_each_kind_by_each_technique():
    assert sorted(DEVICES) == sorted(f"{k}-{n}" for k in ("thermometer", "lamp", "valve") for n in (1, 2, 3))
    assert DEVICES["lamp-2"] == Device("lamp-2", "lamp", "long")
    assert len(household(("short", "sse"), each=4)) == len({d.name for d in household(("short",), 8)}) == 24


@pytest.mark.parametrize(
    ("form", "command"),
    [
        ({"device": "lamp-1", "command": "dim", "value": "40"}, Command("lamp-1", "dim", 40.0)),
        ({"device": "valve-3", "command": "open", "value": "ignored"}, Command("valve-3", "open", None)),
    ],
)
def test_a_command_has_a_number_where_it_needs_one(form, command):
    assert Command.parse(form, DEVICES) == command


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({"device": "toaster", "command": "on"}, "device", "no device 'toaster'"),
        ({"command": "on"}, "device", "choose one from the list"),
        ({"device": ["lamp-1"], "command": "on"}, "device", "no device"),
        (
            {"device": "lamp-1", "command": "open"},
            "command",
            "A lamp cannot do 'open': it knows on, off, dim",
        ),
        ({"device": "valve-1", "command": None}, "command", "it knows open, close"),
        ({"device": "lamp-1", "command": "dim"}, "value", "This is empty"),
        ({"device": "lamp-1", "command": "dim", "value": 400}, "value", "per cent from 1 to 100"),
        ({"device": "thermometer-1", "command": "report", "value": 0}, "value", "seconds from 1 to 60"),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_its_field(form, field, sentence):
    with pytest.raises(InvalidField, match=sentence) as refused:
        Command.parse(form, DEVICES)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "wrong",
    [("a/b", "lamp", "long"), ("orders", "lamp", "long"), ("x", "kettle", "long"), ("x", "lamp", "fax")],
)
def test_a_device_that_cannot_be_is_refused(wrong):
    with pytest.raises(BadInput):
        Device(*wrong)
