"""Ten thousand sleeping devices: each wakes and gets exactly what TTL and topics leave, across a restart."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict

import pytest

from rtlab.push.headers import Urgency
from rtlab.push.service import PushService

from .test_service import BODY, shown

DEVICES = 10_000


class Model:
    """What should be left, in the plainest way: a list for each device."""

    def __init__(self) -> None:
        self.kept: dict[str, list[tuple[str, float, str | None, Urgency]]] = defaultdict(list)

    def send(self, device: str, message: str, expires: float, topic: str | None, urgency: Urgency) -> None:
        if topic is not None:
            self.kept[device] = [one for one in self.kept[device] if one[2] != topic]
        self.kept[device].append((message, expires, topic, urgency))

    def left(self, device: str, now: float, least: Urgency) -> list[str]:
        return [id for id, expires, _, urgency in self.kept[device] if expires > now and urgency >= least]


async def night(
    service: PushService, devices: dict[str, str], model: Model, clock, chance: random.Random
) -> None:
    """A message for each device, some with a topic, some of TTL 0, at some moment of the next hours."""
    for device, push in devices.items():
        clock.now += 1.0
        ttl = chance.choice((0, 60, 3600, 86_400))
        topic, urgency = chance.choice((None, "score", "mail")), chance.choice(list(Urgency))
        headers = {"TTL": str(ttl), "Urgency": urgency.text, "Content-Encoding": "aes128gcm"}
        sent = service.push(push, headers | ({"Topic": topic} if topic else {}), BODY)
        if ttl:
            model.send(device, sent.message, clock.now + ttl, topic, urgency)


@pytest.mark.limit(300)
def test_each_wakes_and_gets_exactly_what_ttl_and_topics_leave(clock, kept):
    chance, model = random.Random(8030), Model()

    async def run() -> int:
        service = PushService(kept, clock=clock, sync=False)
        made = [service.subscribe() for _ in range(DEVICES)]
        devices = {one.device: one.push for one in made}
        await night(service, devices, model, clock, chance)
        await service.stop()
        service = PushService(kept, clock=clock, sync=False)  # a restart in the middle of the night
        await night(service, devices, model, clock, chance)
        service.sweep()
        got = 0
        for device in devices:
            least = chance.choice(list(Urgency))
            wanted = model.left(device, clock.now, least)
            assert shown(service.connect(device, least)) == wanted
            got += len(wanted)
        assert len(service.awake) == DEVICES
        await service.stop()
        return got

    got = asyncio.run(run())
    assert (
        DEVICES / 4 < got < DEVICES
    )  # what the test is worth: neither nothing nor all of the 20,000 is left
