"""Redis behind TLS and access lists: who is let in, and what is said to who is not; on Debian's redis-server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis

from rtlab.brokers.embedded import EmbeddedRedis
from rtlab.brokers.redis import RedisBroker
from rtlab.errors import Unavailable

from .guarded import Files, Guarded, needs_redis


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with Guarded(Files.made(tmp_path_factory.mktemp("tls"))) as engine:
        yield engine


def knock(url: str) -> None:
    """Append and read back."""

    async def main() -> None:
        broker = RedisBroker(url)
        try:
            await broker.check()
            await broker.start()
            placed = await broker.append("news", b"1")
            assert (await broker.read("news", "last", 1)).records == [placed.record]
            assert (await anext(broker.tail("news", "new.0"))).records
        finally:
            await broker.close()

    asyncio.run(asyncio.wait_for(main(), 20))


@needs_redis
class TestTLS:
    def test_a_server_whose_authority_is_named_is_used(self, guarded: Guarded) -> None:
        knock(f"rediss://127.0.0.1:{guarded.port}/0?ssl_ca_certs={guarded.files.cacert}")

    def test_an_unknown_authority_has_a_name_and_a_remedy(self, guarded: Guarded) -> None:
        with pytest.raises(Unavailable, match=r"cannot be trusted .*\?ssl_ca_certs=FILE"):
            knock(f"rediss://127.0.0.1:{guarded.port}")

    def test_who_does_not_speak_tls_is_told(self, guarded: Guarded) -> None:
        for _ in range(30):  # who hangs up first is a race, and each outcome has its own words
            with pytest.raises(Unavailable, match=r"hangs up.*rediss://"):
                knock(f"redis://127.0.0.1:{guarded.port}")


@pytest.fixture(scope="module")
def listed() -> Iterator[EmbeddedRedis]:
    """A Valkey with an access list."""
    with EmbeddedRedis() as engine:
        with redis.Redis(port=engine.port, decode_responses=True) as admin:
            everything = ["on", ">p@ss:word/", "~rtlab:*", "+@all"]
            admin.execute_command("ACL", "SETUSER", "ann", *everything)
            admin.execute_command("ACL", "SETUSER", "bob", "on", ">bobs", "~other:*", "+@all")
            admin.execute_command("ACL", "SETUSER", "default", "off")
        yield engine


class TestAccessLists:
    def test_a_user_who_may_use_rtlabs_keys_is_all_that_is_needed(self, listed: EmbeddedRedis) -> None:
        knock(f"redis://ann:p%40ss%3Aword%2F@127.0.0.1:{listed.port}")

    @pytest.mark.parametrize(
        ("login", "sentence"),
        [
            ("ann:wrong@", r"refuses the password.*redis://USER:PASSWORD@"),
            ("eve:bobs@", "refuses the password"),
            ("", "refuses the password"),
            ("bob:bobs@", r"does not let this user .*rtlab:\*"),
        ],
    )
    def test_who_may_not_is_told_what_is_wrong(
        self, listed: EmbeddedRedis, login: str, sentence: str
    ) -> None:
        with pytest.raises(Unavailable, match=sentence) as caught:
            knock(f"redis://{login}127.0.0.1:{listed.port}")
        assert "wrong" not in str(caught.value)


def test_serve_says_at_its_start_that_it_is_not_let_in_and_ends_with_status_2(listed: EmbeddedRedis) -> None:
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--port", "0", "--broker"]
    address = f"redis://ann:wrong@127.0.0.1:{listed.port}"
    run = subprocess.run([*command, address], capture_output=True, text=True, timeout=50)
    assert run.returncode == 2
    assert "refuses the password" in run.stderr
    assert "wrong" not in run.stderr
