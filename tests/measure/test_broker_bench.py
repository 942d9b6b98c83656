"""The benchmark of brokers: every bare way brings what was sent, and each has its latencies of the same moments."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from rtlab.brokers.embedded import EMBEDDED
from rtlab.brokers.ending import cancelled
from rtlab.errors import RtlabError
from rtlab.measure import broker_bare
from rtlab.measure.broker_bare import BARE, Arrivals, Together
from rtlab.measure.broker_bench import Way, event, fast, steady


@pytest.mark.parametrize("kind", sorted(BARE))
def test_bare_ways_bring_all_at_a_steady_rate_and_at_full_speed(kind: str) -> None:
    async def main() -> None:
        with EMBEDDED[kind]() as engine:
            async with contextlib.AsyncExitStack() as stack:
                ways = {}
                for name, bare in BARE[kind].items():
                    arrivals = Arrivals()
                    ways[name] = Way(await stack.enter_async_context(bare(engine, arrivals)), arrivals)
                cuts = await steady(ways, 20)
                assert {name: len(each) for name, each in cuts.items()} == dict.fromkeys(BARE[kind], 99)
                for way in ways.values():
                    before = way.arrivals.count
                    assert await fast(way, 500) > 0
                    assert way.arrivals.count == before + 500

    asyncio.run(asyncio.wait_for(main(), 30))


def test_a_command_that_fails_is_told_to_who_sent_it() -> None:
    async def main() -> None:
        async with Redis(port=1) as nobody:
            together = Together(nobody, lambda pipeline, data: pipeline.publish("bench", data))
            running = asyncio.create_task(together.run())
            for _ in range(2):
                with pytest.raises(RedisConnectionError):
                    await together.send(b"1")
            await cancelled([running])

    asyncio.run(asyncio.wait_for(main(), 10))


def test_events_that_do_not_come_are_an_error_and_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_bare, "PATIENCE", 0.05)
    arrivals = Arrivals()
    arrivals.take(event())
    with pytest.raises(RtlabError, match="1 of 2 events came"):
        asyncio.run(arrivals.wait(2))
