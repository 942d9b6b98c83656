"""What is ordered reaches its device, and everybody is told what came of it."""

import pytest
import requests

from rtlab.apps.site import Applications
from rtlab.clients import publish
from rtlab.errors import ServerError
from rtlab.lab import Lab

from .seen import LAMP, SECONDS, Seen, household


@pytest.fixture(scope="module")
def lab():
    """A server whose devices are there, and stay, whoever reads."""
    app = household()
    with Lab(extensions=[Applications([app])]) as lab:
        app._audience.memory = 1000.0
        with Seen(lab) as seen:
            seen.report("lamp-1")
            seen.report("valve-1")
            # Each has a connection for its answers, too.
            seen.outcome(seen.order({}), "done")
            seen.outcome(seen.order({"device": "valve-1", "command": "close"}), "refused")
        yield lab


@pytest.fixture
def seen(lab):
    with Seen(lab) as seen:
        yield seen


def test_an_order_waits_and_is_done_in_the_devices_own_words(seen):
    id = seen.order({"device": "valve-1", "command": "open"})
    assert seen.outcome(id, "waiting")["command"] == "open"
    assert seen.outcome(id, "done")["words"] == "is open"
    again = seen.order({"device": "valve-1", "command": "open"})
    assert seen.outcome(again, "refused")["words"] == "The valve is open already."


def test_the_same_order_under_the_same_key_is_given_once(lab, seen):
    url = lab.channel("devices.orders")
    first, second = (publish(url, LAMP, key="one click") for _ in range(2))
    assert first == second
    assert seen.outcome(first, "done")
    assert sum(t.get("order") == first and t["outcome"] == "done" for t in seen.told) == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"device": "toaster"}, "device"),
        ({"command": "open"}, "command"),
        ({"command": "dim", "value": 0}, "value"),
        ({"within": 0}, "within"),
        ({"within": 301}, "within"),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_its_field(lab, form, field):
    answer = requests.post(lab.channel("devices.orders") + "/events", json=LAMP | form, timeout=SECONDS)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("channel", ["devices", "devices.lamp-1", "devices.fleet"])
def test_nobody_goes_past_the_application(lab, channel):
    with pytest.raises(ServerError, match=r"order on devices\.orders"):
        publish(lab.channel(channel), {"order": "x", "word": "on", "due": 1e12})
    with pytest.raises(ServerError, match="There is no device 'toaster'"):
        publish(lab.channel("devices.radio"), {"device": "toaster", "on": False})


def test_what_is_no_report_hurts_nobody(lab, seen):
    for nonsense in (
        {"kind": "report"},
        {"kind": "answer", "order": 1},
        {"kind": "report", "every": "x"},
        {},
    ):
        publish(lab.channel("devices.reports"), {"device": "lamp-1", **nonsense})
    assert seen.outcome(seen.order({"command": "on"}), "done")


def test_the_page_learns_which_devices_there_are_and_what_each_can_do(lab):
    found = requests.get(lab.channel("devices.fleet") + "/events?after=last", timeout=SECONDS).json()
    fleet = found["events"][-1]["data"]
    assert {"name": "lamp-1", "kind": "lamp", "technique": "long"} in fleet["devices"]
    assert fleet["kinds"]["lamp"]["commands"]["dim"] == {"low": 1, "high": 100, "unit": "per cent"}
