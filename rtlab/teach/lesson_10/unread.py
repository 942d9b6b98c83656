"""What a server keeps for readers that do not read: in the process, counted at its streams."""

from __future__ import annotations

from rtlab.teach.lesson_10.laboratory import Laboratory


def kept(lab: Laboratory, channel: str) -> int:
    """Bytes that wait in the server's process for the readers of a channel, beyond its log, which all of them share."""

    def count() -> int:
        found = lab.server.server.channels.by_name.get(channel)
        return sum(len(reader.stream._write_buffer) for reader in found.readers) if found is not None else 0

    return lab.server.call(count)
