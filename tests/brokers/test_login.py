"""Kafka behind TLS and a login: who is let in, and what is said to who is not."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaStorageError, NotEnoughReplicasError, TopicAuthorizationFailedError

from rtlab.brokers.embedded import EmbeddedKafka, free_port
from rtlab.brokers.kafka import KafkaBroker
from rtlab.brokers.login import named
from rtlab.brokers.topic import Topic
from rtlab.errors import BadInput, Unavailable
from rtlab.server.tls import Development, development

# What the client library was about to open when it was refused it leaves to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
USERS = {"ann": "right"}
Knock = Callable[..., None]


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedKafka]:
    """A broker that sends its clients to another port, where a door may stand."""
    with EmbeddedKafka(door=free_port()) as engine:
        yield engine


@pytest.fixture(scope="module")
def tls() -> Iterator[Development]:
    with development() as made:
        yield made


@pytest.fixture
def knock(engine: EmbeddedKafka, door: Any) -> Knock:
    """Append and read back, by an address `kafka://…DOOR…`."""

    async def main(url: str, context: ssl.SSLContext | None, users: Any) -> None:
        assert engine.door is not None
        async with door(engine.door, engine.port, tls=context, users=users):
            broker = KafkaBroker(url.replace("DOOR", f"127.0.0.1:{engine.door}"))
            try:
                await broker.check()
                await broker.start()
                placed = await broker.append("news", b"1")
                assert (await broker.read("news", "last", 1)).records == [placed.record]
            finally:
                await broker.close()

    def knock(url: str, context: ssl.SSLContext | None = None, users: Any = None) -> None:
        asyncio.run(asyncio.wait_for(main(url, context, users), 20))
        gc.collect()

    return knock


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_who_has_a_password_is_let_in_through_tls(knock: Knock, tls: Development, mechanism: str) -> None:
    query = f"security_protocol=SASL_SSL&sasl_mechanism={mechanism}&ssl_cafile={tls.cacert}&hold=0.01"
    knock(f"kafka://ann:right@DOOR?{query}", tls.tls, USERS)


def test_a_password_may_have_any_character(knock: Knock) -> None:
    knock("kafka://a%40b:p%3Aq%2F@DOOR?hold=0.01", None, {"a@b": "p:q/"})


def test_tls_alone_will_do(knock: Knock, tls: Development) -> None:
    knock(f"kafka://DOOR?security_protocol=SSL&ssl_cafile={tls.cacert}&hold=0.01", tls.tls)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("kafka://ann:wrong@DOOR?", "refuses the password.*kafka://USER:PASSWORD@"),
        ("kafka://ann:wrong@DOOR?sasl_mechanism=SCRAM-SHA-256", "refuses the password"),
        ("kafka://bob:right@DOOR?sasl_mechanism=SCRAM-SHA-256", "refuses the password"),
        ("kafka://ann:right@DOOR?sasl_mechanism=SCRAM-SHA-512", "sasl_mechanism"),
    ],
)
def test_who_has_not_is_told_what_is_wrong(knock: Knock, url: str, sentence: str) -> None:
    with pytest.raises(Unavailable, match=sentence) as caught:
        knock(url, None, USERS)
    assert "wrong" not in str(caught.value)


class TestCertificates:
    def test_an_unknown_authority_has_a_name_and_a_remedy(self, knock: Knock, tls: Development) -> None:
        with pytest.raises(Unavailable, match=r"cannot be trusted .*ssl_cafile=FILE"):
            knock("kafka://DOOR?security_protocol=SSL", tls.tls)

    def test_who_does_not_speak_tls_is_told(self, knock: Knock, tls: Development) -> None:
        with pytest.raises(Unavailable, match=r"hangs up.*security_protocol"):
            knock("kafka://DOOR", tls.tls)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (KafkaStorageError(), "cannot write to its disk: make room"),
        (NotEnoughReplicasError(), "too few replicas in sync"),
        (TopicAuthorizationFailedError(), "does not let this user at the topic"),
    ],
)
def test_what_this_broker_never_says_has_a_name_too(error: Exception, sentence: str) -> None:
    assert sentence in str(named(error, "kafka://a:1/rtlab"))
    assert named(error, "kafka://a:1/rtlab").retry_after > 0


def test_a_users_name_that_the_broker_itself_does_not_know_is_refused() -> None:
    class Guarded(EmbeddedKafka):
        def command(self) -> list[str]:
            return [*super().command(), "--authentication"]

    async def main(address: str) -> None:
        await KafkaBroker(address).check()

    with Guarded() as engine:
        for login, sentence in (("?sasl_mechanism=SCRAM-SHA-256", "refuses the password"), ("", "hangs up")):
            with pytest.raises(Unavailable, match=sentence):
                asyncio.run(main(f"kafka://ann:right@127.0.0.1:{engine.port}{login}"))
    gc.collect()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("security_protocol=TLS", "PLAINTEXT, SSL"),
        ("sasl_mechanism=GSSAPI", "SCRAM-SHA-512"),
        ("security_protocol=SASL_SSL", "USER:PASSWORD"),
        ("ssl_cafile=/nowhere", "is for TLS"),
        ("security_protocol=SSL&ssl_cafile=/nowhere", "/nowhere cannot be used for TLS"),
        (f"security_protocol=SSL&ssl_certfile={Path(__file__)}", "cannot be used for TLS"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(query: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        Topic(f"kafka://127.0.0.1:1?{query}")
