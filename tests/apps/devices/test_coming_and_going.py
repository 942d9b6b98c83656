"""Devices come and go: off the air and back, with whoever reads, and with their server."""

import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

from rtlab.apps.site import Applications
from rtlab.clients import ServerSentEvents, publish
from rtlab.lab import Lab

from .seen import SECONDS, Seen, household


def test_off_the_air_a_device_falls_silent_its_orders_time_out_and_back_again_it_catches_up():
    with Lab(extensions=[Applications([household()])]) as lab, Seen(lab) as seen:
        seen.report("lamp-1")
        publish(lab.channel("devices.radio"), {"device": "lamp-1", "on": False})
        seen.until(lambda t: t == {"kind": "radio", "device": "lamp-1", "on": False})
        time.sleep(0.5)  # its reader needs a moment to close
        short, long = seen.order({"within": 1}), seen.order({"command": "off", "within": 60})
        assert seen.outcome(short, "timed out")["words"] == ""
        seen.until(lambda t: t == {"kind": "silent", "device": "lamp-1"})
        publish(lab.channel("devices.radio"), {"device": "lamp-1", "on": True})
        assert "too late" in seen.outcome(short, "expired")["words"]
        assert seen.outcome(long, "done")["words"] == "is dark"


def test_the_devices_are_there_while_somebody_reads_and_gone_after():
    app = household()
    with Lab(extensions=[Applications([app])]) as lab:
        assert app.fleet is None
        with Seen(lab) as seen:
            seen.report("lamp-1")
            children = [psutil.Process(process.pid) for process in app.fleet.processes]
        app._audience.memory = 0.0  # seconds that it still counts on the last reader
        gone, alive = psutil.wait_procs(children, timeout=SECONDS)
        assert (len(gone), alive) == (2, [])


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_the_devices_end_with_the_server_also_when_it_is_interrupted_or_killed(end):
    command = [sys.executable, "-c", "from rtlab.cli import main; main()"]
    command += ["serve", "--port", "0", "--app", "devices"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        url = re.search(r"http://[^/]+", server.stdout.readline())[0]
        with ServerSentEvents(f"{url}/channels/devices") as reader:
            next(iter(reader.events(limit=1, timeout=SECONDS)))
            children = psutil.Process(server.pid).children()
            assert len(children) == 3
            os.kill(server.pid, end)
            server.wait(SECONDS)
        gone, alive = psutil.wait_procs(children, timeout=SECONDS)
        assert (len(gone), alive) == (3, [])
