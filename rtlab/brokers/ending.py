"""How tasks and clients are ended, in a time that is known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

AGAIN_SECONDS = (
    0.2  # a client library may have taken a cancellation for one of its own: then it is said again
)
CLOSE_SECONDS = 2.0  # that a client, or a task, has to end

log = logging.getLogger("rtlab.brokers")


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End tasks, whatever they raise; one that does not end is named in the log, and left to itself."""
    left = set(tasks)
    deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
    while left and asyncio.get_running_loop().time() < deadline:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
        for task in done:
            if not task.cancelled():
                task.exception()  # seen: asyncio is not to complain of it
    for task in left:
        log.error("%s does not end within %g s", task.get_name(), CLOSE_SECONDS)


async def closed(closing: Any) -> None:
    """Close something, whatever it says; what takes too long is left to itself."""
    task = asyncio.ensure_future(closing)
    await asyncio.wait([task], timeout=CLOSE_SECONDS)
    if not task.done():
        task.cancel()
    elif not task.cancelled():
        task.exception()
