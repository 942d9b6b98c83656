"""Tasks are ended in a time that is known, and one that does not end is named."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from rtlab.brokers import ending
from rtlab.brokers.ending import cancelled


def test_a_task_that_does_not_end_is_named_and_left_to_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(ending, "CLOSE_SECONDS", 0.05)

    async def main() -> None:
        enough = asyncio.Event()

        async def stubborn() -> None:
            while not enough.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await enough.wait()

        async def failing() -> None:
            raise ValueError("unseen")

        deaf = asyncio.create_task(stubborn(), name="the deaf one")
        others = [asyncio.create_task(failing(), name="fails"), asyncio.create_task(asyncio.sleep(60, None))]
        await asyncio.sleep(0)
        await asyncio.wait_for(cancelled([deaf, *others]), 10)
        assert not deaf.done()
        assert all(task.done() for task in others)
        enough.set()
        await asyncio.wait_for(deaf, 10)

    asyncio.run(main())
    (record,) = caplog.records
    assert "the deaf one does not end" in record.getMessage()
