"""What it costs a broker to remember: its CPU for a message, published and forgotten or kept in a stream."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis

from rtlab.errors import RtlabError

AT_ONCE, PATIENCE = 100, 20.0
DATA = "x" * 100


@dataclass(frozen=True)
class Cost:
    """One way to pass messages on: CPU of the broker for each, in seconds; bytes that it holds afterwards."""

    way: str
    messages: int
    cpu: float
    kept: int
    received: int


def history(address: str, messages: int = 20_000, keep: int = 10_000) -> list[Cost]:
    """Pass the same messages to one receiver by publish/subscribe and by a stream that keeps about `keep`."""
    with Redis.from_url(address) as redis:
        return [_pub_sub(redis, messages), _stream(redis, messages, keep)]


def _pub_sub(redis: Any, messages: int) -> Cost:
    channel = f"cost:{secrets.token_hex(4)}"
    with redis.pubsub(ignore_subscribe_messages=True) as subscription:
        subscription.subscribe(channel)
        subscription.get_message(timeout=PATIENCE)  # that it is subscribed

        def receive() -> int:
            return sum(
                message is not None for message in iter(lambda: subscription.get_message(timeout=0.5), None)
            )

        cpu, received = _passed(redis, messages, lambda pipe: pipe.publish(channel, DATA), receive)
    return Cost("pub/sub", messages, cpu, 0, received)


def _stream(redis: Any, messages: int, keep: int) -> Cost:
    stream = f"cost:{secrets.token_hex(4)}"

    def receive() -> int:
        place, received = "0", 0
        while received < messages:
            answer = redis.xread({stream: place}, count=1000, block=int(1000 * PATIENCE))
            if not answer:
                break
            entries = answer[0][1]
            place, received = entries[-1][0], received + len(entries)
        return received

    def append(pipe: Any) -> None:
        pipe.xadd(stream, {"d": DATA}, maxlen=keep, approximate=True)

    cpu, received = _passed(redis, messages, append, receive)
    kept = int(redis.memory_usage(stream, samples=0))
    redis.delete(stream)
    return Cost("stream", messages, cpu, kept, received)


def _passed(
    redis: Any, messages: int, send: Callable[[Any], object], receive: Callable[[], int]
) -> tuple[float, int]:
    """Send all, in pipelines, while somebody receives; the broker's CPU seconds for one, and how many came."""
    received: list[int] = []
    thread = threading.Thread(target=lambda: received.append(receive()), daemon=True)
    before = _cpu(redis)
    thread.start()
    for _ in range(0, messages, AT_ONCE):
        pipe = redis.pipeline(transaction=False)
        for _ in range(AT_ONCE):
            send(pipe)
        pipe.execute()
    thread.join(PATIENCE)
    if not received:
        raise RtlabError(f"the messages of this measurement did not come within {PATIENCE:g} s")
    return (_cpu(redis) - before) / messages, received[0]


def _cpu(redis: Any) -> float:
    info = redis.info("cpu")
    return float(info["used_cpu_user"] + info["used_cpu_sys"])
