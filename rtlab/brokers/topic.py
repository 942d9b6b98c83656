"""A topic of Kafka: its address, its identity, how many partitions it has.

    kafka://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…][/TOPIC][?OPTION=…]

Options: `partitions` and `replication` of a topic that has to be made; `hold`, the seconds that a fetch may be
held; `keep_records` and `keep_bytes` of each partition, which a server keeps and reads back when it starts;
`record_bytes`, the largest record that the topic takes; `security_protocol`, `sasl_mechanism`, `ssl_cafile`,
`ssl_certfile`, `ssl_keyfile` as the client library has them.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from rtlab.brokers.address import shown, split
from rtlab.brokers.login import ANSWER_SECONDS, connection_options, why_not
from rtlab.brokers.partition import KEEP, Keep
from rtlab.errors import BadInput, Unavailable

NAME = "rtlab"  # of the topic
RECORD_BYTES = 1 << 20  # with its key and headers: what Kafka takes if it was not told otherwise
TAGS = ("tags", TaggedFields)
TEXT = CompactString("utf-8")
UNKNOWN_TOPIC, EXISTS = 3, 36  # error codes


class Uuid:
    """Sixteen bytes."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        """As they are."""
        return value

    @classmethod
    def decode(cls, data: Any) -> bytes:
        """The next sixteen."""
        read: bytes = data.read(16)
        return read


class MetadataAnswer(Response):
    """Metadata, version 10 (KIP-516): the first in which a topic has an identity besides its name."""

    API_KEY = 3
    API_VERSION = 10
    _PARTITION = CompactArray(
        ("error", Int16), ("index", Int32), ("leader", Int32), ("epoch", Int32), ("replicas", CompactArray(Int32)),
        ("in_sync", CompactArray(Int32)), ("offline", CompactArray(Int32)), TAGS,
    )  # fmt: skip
    SCHEMA = Schema(
        ("throttle", Int32),
        ("brokers", CompactArray(("node", Int32), ("host", TEXT), ("port", Int32), ("rack", TEXT), TAGS)),
        ("cluster", TEXT),
        ("controller", Int32),
        ("topics", CompactArray(
            ("error", Int16), ("name", TEXT), ("id", Uuid), ("internal", Boolean), ("partitions", _PARTITION),
            ("operations", Int32), TAGS,
        )),
        ("operations", Int32),
        TAGS,
    )  # fmt: skip


class MetadataQuestion(RequestStruct):
    """Its question: the topics' names, and whether to make those that are missing."""

    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = MetadataAnswer
    FLEXIBLE_VERSION = True
    SCHEMA = Schema(
        ("topics", CompactArray(("id", Uuid), ("name", TEXT), TAGS)),
        ("create", Boolean), ("cluster_rights", Boolean), ("topic_rights", Boolean), TAGS,
    )  # fmt: skip


class Identity(Request[MetadataQuestion]):
    """Ask for a topic's identity and partitions; it is not made by asking."""

    API_KEY: ClassVar[int] = 3

    def __init__(self, topic: str) -> None:
        self.topic = topic

    def build(self, request_struct_class: type[MetadataQuestion]) -> MetadataQuestion:
        """The question for a version of the protocol."""
        return request_struct_class([(bytes(16), self.topic, {})], False, False, False, {})


class Topic:
    """One topic of one cluster. Raises BadInput for an address that cannot be read."""

    def __init__(self, url: str) -> None:
        parts = split(url, "Kafka")
        try:
            given = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            self.partitions = _above_zero(given, "partitions", 4)
            self.replication = _above_zero(given, "replication", 1)
            self.record_bytes = _above_zero(given, "record_bytes", RECORD_BYTES)
            self.keep = Keep(
                _above_zero(given, "keep_records", KEEP.records), _above_zero(given, "keep_bytes", KEEP.bytes)
            )
            self.hold = float(given.pop("hold", 0.5))
        except ValueError as error:
            raise BadInput(f"{shown(url)!r} is not the address of a Kafka: {shown(str(error))}") from None
        hosts = parts.netloc.rpartition("@")[2]
        if (
            parts.scheme != "kafka"
            or not hosts
            or not all(host.partition(":")[0] for host in hosts.split(","))
        ):
            raise BadInput(f"{shown(url)!r} is not the address of a Kafka: give kafka://HOST:PORT")
        self.name = parts.path.strip("/") or NAME
        self.address = f"kafka://{hosts}/{self.name}"  # for people: no password
        self.options = connection_options(hosts, given, parts.username, parts.password, ANSWER_SECONDS)

    def admin(self) -> AIOKafkaAdminClient:
        """A client that asks and makes; to be started."""
        return AIOKafkaAdminClient(**self.options)

    async def start(self, admin: AIOKafkaAdminClient) -> None:
        """Start that client. Raises what is wrong, which the library only writes into its log."""
        try:
            await asyncio.wait_for(admin.start(), ANSWER_SECONDS)
        except (KafkaConnectionError, KeyError) as error:
            raise await why_not(self.options) or error from None

    async def identity(self, admin: AIOKafkaAdminClient) -> tuple[str, int] | None:
        """The LOGID and the number of partitions; None if there is no such topic. Raises KafkaError.

        With another number of partitions channels are found in other ones, so it is another log.
        """
        client = admin._client
        answer = await client.send(client.get_random_node(), Identity(self.name))
        error, _name, id, _internal, partitions, *_ = answer.topics[0]
        if error == UNKNOWN_TOPIC or not partitions:
            return None
        count = len(partitions)
        return hashlib.sha256(id + self.name.encode() + count.to_bytes(4, "big")).hexdigest()[:16], count

    async def make(self, admin: AIOKafkaAdminClient) -> None:
        """Make the topic, if it is not there. Raises Unavailable if that is refused."""
        answer = await admin.create_topics([NewTopic(self.name, self.partitions, self.replication)])
        for _topic, code, *said in answer.topic_errors:
            if code not in (0, EXISTS):
                raise Unavailable(
                    f"{self.address} does not make the topic (error {code} {said}): make it there"
                )


def _above_zero(given: dict[str, str], name: str, default: int) -> int:
    """Take a number out of an address's options. Raises ValueError."""
    number = int(given.pop(name, default))
    if number < 1:
        raise ValueError(f"{name}={number}: give a number above 0")
    return number
