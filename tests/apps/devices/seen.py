"""A lamp and a valve, and all that is told of them."""

import threading

from rtlab.apps.devices.catalogue import Device
from rtlab.apps.devices.source import Devices
from rtlab.clients import ServerSentEvents, publish

SECONDS = 20.0
LAMP = {"device": "lamp-1", "command": "on", "within": 15}


def household():
    """The application with two devices that wait by different techniques."""
    return Devices([Device("lamp-1", "lamp", "long"), Device("valve-1", "valve", "websocket")], interval=0.1)


class Seen:
    """All that is told on `devices`, read by a thread of its own."""

    def __init__(self, lab):
        self.lab, self.told, self.more = lab, [], threading.Condition()
        self.reader = ServerSentEvents(lab.channel("devices"))
        self.thread = threading.Thread(target=self.run)

    def run(self):
        for event in self.reader.events():
            with self.more:
                self.told.append(event.data)
                self.more.notify_all()

    def __enter__(self):
        self.reader.__enter__()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.reader.close()
        self.thread.join()

    def until(self, wanted):
        with self.more:
            assert self.more.wait_for(lambda: any(map(wanted, self.told)), SECONDS), self.told
            return next(filter(wanted, self.told))

    def order(self, order, **form):
        return publish(self.lab.channel("devices.orders"), {**LAMP, **order, **form})

    def outcome(self, id, outcome):
        return self.until(lambda t: t["kind"] == "order" and (t["order"], t["outcome"]) == (id, outcome))

    def report(self, name):
        return self.until(lambda t: t["kind"] == "reports" and any(r["device"] == name for r in t["reports"]))
