"""A topic of Kafka: its address, its identity, how many partitions it has; and what goes wrong, in sentences.

    kafka://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…][/TOPIC][?OPTION=…]

Options: `partitions` and `replication` of a topic that has to be made; `hold`, the seconds that a fetch may be
held; `security_protocol`, `sasl_mechanism`, `ssl_cafile` as the client library has them.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaConnectionError,
    KafkaTimeoutError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from rtlab.errors import BadInput, Unavailable

NAME = "rtlab"  # of the topic
ANSWER_SECONDS = 5.0
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
        try:
            parts = urlsplit(url)
            given = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            self.partitions = int(given.pop("partitions", 4))
            self.replication = int(given.pop("replication", 1))
            self.hold = float(given.pop("hold", 0.5))
        except ValueError as error:
            raise BadInput(f"{url[:80]!r} is not the address of a Kafka: {error}") from None
        hosts = parts.netloc.rpartition("@")[2]
        if (
            parts.scheme != "kafka"
            or not hosts
            or not all(host.partition(":")[0] for host in hosts.split(","))
        ):
            raise BadInput(f"{url[:80]!r} is not the address of a Kafka: give kafka://HOST:PORT")
        self.name = parts.path.strip("/") or NAME
        self.address = f"kafka://{hosts}/{self.name}"  # for people: no password
        self.options = self._options(hosts, given, parts.username, parts.password)

    def _options(
        self, hosts: str, given: dict[str, str], user: str | None, password: str | None
    ) -> dict[str, Any]:
        options: dict[str, Any] = {
            "bootstrap_servers": hosts.split(","),
            "request_timeout_ms": int(ANSWER_SECONDS * 1000),
            "security_protocol": given.pop("security_protocol", "SASL_PLAINTEXT" if user else "PLAINTEXT"),
            "sasl_mechanism": given.pop("sasl_mechanism", "PLAIN"),
        }
        if user is not None:
            options |= {"sasl_plain_username": user, "sasl_plain_password": password}
        authority = given.pop("ssl_cafile", None)
        if given:
            raise BadInput(
                f"{next(iter(given))!r} is not an option of a Kafka's address: see docs/scaling.md"
            )
        if options["security_protocol"].endswith("SSL"):
            options["ssl_context"] = ssl.create_default_context(cafile=authority)
        return options

    def admin(self) -> AIOKafkaAdminClient:
        """A client that asks and makes; to be started."""
        return AIOKafkaAdminClient(**self.options)

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


def named(error: BaseException, address: str) -> Unavailable:
    """What went wrong, as a sentence that says what to do."""
    match error:
        case Unavailable():
            return error
        case AuthenticationFailedError():
            text = "refuses the password: give it as kafka://USER:PASSWORD@HOST:PORT"
        case TopicAuthorizationFailedError():
            text = "does not let this user at the topic: allow it to read, write and describe it"
        case (
            asyncio.TimeoutError() | KafkaTimeoutError() | RequestTimedOutError()
        ):  # an OSError since Python 3.11
            text = f"does not answer within {ANSWER_SECONDS:g} s: see whether it runs and can be reached"
        case KafkaConnectionError() | OSError():
            text = "cannot be reached: start it, or give the address of one that runs with --broker"
        case _:
            text = f"answers with an error: {type(error).__name__} {str(error)[:200]}"
    return Unavailable(f"{address} {text}", 1.0)
