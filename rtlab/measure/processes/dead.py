"""Readers that are as good as dead, in a process of their own, so that their descriptors are not the measurer's."""

from __future__ import annotations

from typing import Any

from rtlab.measure.dead_readers import DeadReaders
from rtlab.measure.processes.talk import answer, say
from rtlab.server.connections import SPARE_FILES, allow_files


def main(settings: dict[str, Any]) -> None:
    """Connect, and wait until the input ends. `settings`: as `DeadReaders` has them."""
    allow_files(settings["count"] + SPARE_FILES)
    readers = DeadReaders(**settings)
    say("ready")
    try:
        answer({"vanish": readers.vanish})
    finally:
        readers.close()
