"""Devices are processes of their own: they report, obey, go off the air and catch up, and end with their parent."""

import subprocess
import sys
import threading
import time

import psutil
import pytest

from rtlab.apps.devices import client
from rtlab.apps.devices.catalogue import Device
from rtlab.apps.devices.fleet import Fleet
from rtlab.clients import LongPolling
from rtlab.lab import Lab

SECONDS = 20.0


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture
def heard(lab):
    """What the devices say, one after another."""
    with LongPolling(lab.channel("devices.reports")) as reader:
        yield (event.data for event in reader.events(timeout=SECONDS))


def order(lab, device, word, value=None, within=SECONDS, id="log.1"):
    due = time.time() + within
    lab.publish(f"devices.{device}", {"order": id, "word": word, "value": value, "due": due})


def answers(heard, count):
    found = {}
    for said in heard:
        if said["kind"] == "answer":
            found[said["order"]] = (said["outcome"], said["words"])
        if len(found) == count:
            return found
    raise AssertionError(f"only {found}")


def first_report(heard, device):
    return next(said for said in heard if said["kind"] == "report" and said["device"] == device)


@pytest.mark.parametrize("technique", ["short", "adaptive", "long", "sse", "websocket"])
def test_a_device_obeys_and_refuses_by_each_technique(lab, heard, technique):
    name = f"lamp-{technique}"
    with Fleet(lab.url, [Device(name, "lamp", technique)], interval=0.1):
        said = first_report(heard, name)
        assert (said["value"], said["unit"], said["every"]) == (0.0, "%", 2.0)
        order(lab, name, "dim", 30.0, id="log.1")
        order(lab, name, "on", id="log.2")
        order(lab, name, "dim", 30.0, id="log.3")
        assert answers(heard, 3) == {
            "log.1": ("refused", "The lamp is off: switch it on first."),
            "log.2": ("done", "shines at 100 %"),
            "log.3": ("done", "shines at 30 %"),
        }
        assert first_report(heard, name)["requests"] >= 1


@pytest.mark.parametrize("technique", ["short", "long", "websocket"])
def test_off_the_air_it_hears_nothing_and_back_again_it_catches_up_and_drops_what_is_late(
    lab, heard, technique
):
    name = f"valve-{technique}"
    with Fleet(lab.url, [Device(name, "valve", technique)], interval=0.1) as fleet:
        first_report(heard, name)
        fleet.on_air(name, False)
        time.sleep(0.5)  # its reader needs a moment to close
        order(lab, name, "open", within=0.1, id="log.1")
        order(lab, name, "open", id="log.2")
        time.sleep(0.3)
        fleet.on_air(name, True)
        found = answers(heard, 2)
        assert found["log.1"][0] == "expired"
        assert "too late" in found["log.1"][1]
        assert found["log.2"] == ("done", "is open")


def test_switched_on_while_it_is_still_going_off_it_hears_what_was_ordered_meanwhile(lab, heard, monkeypatch):
    closing, may_end = threading.Event(), threading.Event()

    class Slow(LongPolling):
        def close(self):
            super().close()
            closing.set()
            assert may_end.wait(SECONDS)

    monkeypatch.setitem(client.READERS, "long", Slow)
    lamp = client.Client(lab.url, Device("lamp-slow", "lamp", "long"))
    deadline = time.monotonic() + SECONDS
    while not lamp._listens and time.monotonic() < deadline:
        time.sleep(0.01)
    switches = [threading.Thread(target=lamp.on_air, args=(on,)) for on in (False, True)]
    switches[0].start()
    assert closing.wait(SECONDS)
    order(lab, "lamp-slow", "on")
    switches[1].start()
    switches[1].join(0.2)  # time to do it wrong
    may_end.set()
    try:
        assert answers(heard, 1) == {"log.1": ("done", "shines at 100 %")}
    finally:
        lamp.on_air(False)


def test_the_processes_end_with_their_parent(lab):
    code = (
        "import os; from rtlab.apps.devices.catalogue import household; from rtlab.apps.devices.fleet import Fleet\n"
        f"fleet = Fleet({lab.url!r}, household(('short', 'websocket')))\n"
        "print(*[process.pid for process in fleet.processes], flush=True); input(); os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(children) == 2
        parent.communicate("die\n", timeout=SECONDS)
    gone, alive = psutil.wait_procs(children, timeout=SECONDS)
    assert (len(gone), alive) == (2, [])


def test_a_fleet_can_be_closed_twice_and_told_things_when_it_is_gone(lab):
    fleet = Fleet(lab.url, [Device("lamp-1", "lamp", "long")])
    fleet.processes[0].kill()
    fleet.processes[0].wait()
    fleet.on_air("lamp-1", False)
    fleet.close()
    fleet.close()
    assert fleet.processes[0].returncode is not None
