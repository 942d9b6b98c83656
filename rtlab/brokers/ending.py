"""How tasks and clients are ended, in a time that is known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_SECONDS = (
    0.2  # a client library may have taken a cancellation for one of its own: then it is said again
)
CLOSE_SECONDS = 2.0  # that a client has to close


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End tasks, whatever they raise."""
    tasks = list(tasks)
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)


async def closed(closing: Any) -> None:
    """Close something, whatever it says; what takes too long is left to itself."""
    task = asyncio.ensure_future(closing)
    await asyncio.wait([task], timeout=CLOSE_SECONDS)
    if not task.done():
        task.cancel()
    elif not task.cancelled():
        task.exception()
