"""A topic read batch by batch, so that one that cannot be read is in the way of no other.

Producers send records in batches: with a checksum, and compressed if they like (KIP-98). The client library stops at
one whose checksum is wrong, or that it has nothing installed to unpack with, and for ever: it does not tell where.
A batch's head is never compressed, so it says which offsets are to be passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords

UNREADABLE = (CorruptRecordException, UnsupportedCodecError)
# Base offset, length of what follows it, leader's epoch, format ("magic"), checksum, attributes, last offset less base
HEAD = struct.Struct(">qiibIhi")
BEFORE = struct.calcsize(">qi")  # bytes that the length does not count
WITH_DELTA = 2  # the first format that has the last field


class Batch(NamedTuple):
    """Records that were sent together: the offset behind them; or `trouble`, why they cannot be read."""

    behind: int
    records: list[Any]
    trouble: str | None = None


async def batches_at(
    client: Any, partition: TopicPartition, offset: int, size: int, seconds: float
) -> list[Batch]:
    """What is in a partition from an offset on, as much as one fetch brings. Raises KafkaError."""
    wanted = [(partition.topic, [(partition.partition, offset, size)])]
    leader = client.cluster.leader_for_partition(partition)
    answer = await client.send(leader, FetchRequest(int(seconds * 1000), 1, size, 0, wanted))
    ((_topic, ((_number, code, end, *_other, data),)),) = answer.topics
    if code:
        raise for_code(code)()
    return list(batches(data, offset, end))


def batches(data: bytes, offset: int, end: int) -> Iterator[Batch]:
    """The batches in what a fetch from `offset` brought, of a partition that ends at `end`; the last may be cut off."""
    at = 0
    while at + HEAD.size <= len(data):
        base, length, _epoch, magic, _checksum, _attributes, delta = HEAD.unpack_from(data, at)
        after = at + BEFORE + length
        behind = base + 1 + (delta if magic >= WITH_DELTA else 0)
        if length < 0 or not offset < behind <= end:  # then nothing in the head can be believed
            yield Batch(offset + 1, [], "its head is wrong")
            return
        if after > len(data):
            return
        yield _decoded(data[at:after], behind)
        at, offset = after, behind


def _decoded(data: bytes, behind: int) -> Batch:
    try:
        batch = MemoryRecords(data).next_batch()
        assert batch is not None
        if not batch.validate_crc():
            return Batch(behind, [], "its checksum is wrong")
        return Batch(behind, [] if batch.is_control_batch else list(batch))
    except Exception as error:  # whatever a library for compression raises
        return Batch(behind, [], f"{type(error).__name__}: {error}")
