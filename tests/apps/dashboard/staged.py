"""A dashboard whose machine does as the test says: publish {"cpu": 95} on `dashboard.stage`."""

import asyncio
from pathlib import Path

from rtlab.apps import dashboard
from rtlab.event import Event


class Staged(dashboard.Dashboard):
    """Ten samples a second of a machine with two cores, both as busy as was published last."""

    def __init__(self):
        super().__init__(rate=10.0, measure=self.samples)
        self.load = 5.0

    @property
    def folder(self):
        """The page of the real one."""
        return Path(dashboard.__file__).parent

    def samples(self, _server):
        """The same again and again, but for the load."""
        steady = dict.fromkeys(("disk_read", "disk_written", "received", "sent"), 1000)
        server = {"connections": 3, "readers": 1, "held": 0, "requests": 2.0, "delivered": 10.0}
        while True:
            yield {"cpu": [self.load, self.load], "memory": 40.0, **steady, "server": server}

    def check(self, channel, data):
        """Anybody may set the load."""
        if channel != "dashboard.stage":
            super().check(channel, data)

    async def run(self, hub):
        """As the real one, and listen for the load."""
        await asyncio.gather(super().run(hub), self.obey(hub))

    async def obey(self, hub):
        """Set the load as it was published."""
        async for item in hub.read("dashboard.stage", "start"):
            if isinstance(item, Event):
                self.load = float(item.data["cpu"])
