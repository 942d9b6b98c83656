"""More than one Redis: a cluster whose slots move, a master that dies under its sentinels' eyes; also inside TLS."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis

from rtlab.broker import Broker
from rtlab.brokers.embedded import EmbeddedRedis, free_port
from rtlab.brokers.entries import stream_of
from rtlab.brokers.redis import RedisBroker
from rtlab.errors import Unavailable
from rtlab.event import NEW

from .guarded import SERVER, Files, Guarded, needs_redis

SLOTS = 16384
SECONDS = 30.0


class Kind:
    """Servers without TLS, and what addresses and clients of theirs have to say."""

    scheme, query = "redis", ""
    login: Mapping[str, Any] = {}

    def server(self, **settings: Any) -> EmbeddedRedis:
        """Start one."""
        return EmbeddedRedis(**settings)


class Secret(Kind):
    """Servers that speak TLS only, with each other too."""

    scheme = "rediss"

    def __init__(self, files: Files) -> None:
        self.files = files
        self.query = f"?ssl_ca_certs={files.cacert}"
        self.login = {"ssl": True, "ssl_ca_certs": str(files.cacert)}

    def server(self, **settings: Any) -> EmbeddedRedis:
        """Start one."""
        return Guarded(self.files, **settings)


@pytest.fixture(params=["plain", pytest.param("tls", marks=needs_redis)])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """The kind of servers."""
    return Kind() if request.param == "plain" else Secret(Files.made(tmp_path))


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def run(address: str, scenario: Callable[[RedisBroker], Awaitable[None]]) -> None:
    async def main() -> None:
        broker = RedisBroker(address)
        try:
            await broker.check()
            await broker.start()
            await asyncio.wait_for(scenario(broker), SECONDS)
        finally:
            await broker.close()

    asyncio.run(main())


async def kept(broker: Broker, channel: str, data: bytes, key: str) -> None:
    """Append, again and again until it is acknowledged."""
    while True:
        try:
            await broker.append(channel, data, key)
            return
        except Unavailable:
            await asyncio.sleep(0.05)


async def numbers_of(broker: Broker, channel: str, count: int, seen: list[int]) -> None:
    """Follow a channel until so many have come."""
    async for page in broker.tail(channel, NEW):
        assert page.missed == 0
        seen += [int(record.data) for record in page.records]
        if len(seen) >= count:
            return


class TestCluster:
    @pytest.fixture
    def nodes(self, kind: Kind) -> Iterator[list[Any]]:
        """Clients of three nodes, each with a third of the slots."""
        with ExitStack() as stack:
            engines = [
                stack.enter_context(kind.server(cluster_enabled="yes", cluster_port=free_port()))
                for _ in range(3)
            ]
            clients: list[Any] = [
                stack.enter_context(redis.Redis("127.0.0.1", one.port, **kind.login)) for one in engines
            ]
            for number, client in enumerate(clients):
                first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
                meet = ("CLUSTER", "MEET", "127.0.0.1", engines[0].port, engines[0].settings["cluster_port"])
                client.execute_command(*meet)
            until(lambda: all(_knows_all(client) for client in clients))
            yield clients

    def test_channels_of_every_node_are_followed_while_a_slot_moves(
        self, kind: Kind, nodes: list[Any]
    ) -> None:
        port = nodes[0].get_connection_kwargs()["port"]
        channels = ["a", "b", "c", "d"]
        owners = {
            name: nodes[0].execute_command("CLUSTER", "KEYSLOT", stream_of(name)) * 3 // SLOTS
            for name in channels
        }
        assert set(owners.values()) == {0, 1, 2}
        moving = next(name for name, owner in owners.items() if owner == 0)

        async def scenario(broker: RedisBroker) -> None:
            seen: dict[str, list[int]] = {name: [] for name in channels}
            tails = [asyncio.create_task(numbers_of(broker, name, 30, seen[name])) for name in channels]
            for number in range(30):
                if number == 15:
                    await asyncio.to_thread(_move, nodes[0], nodes[1], stream_of(moving))
                await asyncio.gather(*(kept(broker, name, b"%d" % number, f"k{number}") for name in channels))
            await asyncio.gather(*tails)
            assert seen == {name: list(range(30)) for name in channels}
            assert [row.name for row in await broker.channels()] == channels

        run(f"{kind.scheme}+cluster://127.0.0.1:{port}/{kind.query}", scenario)

    # The client library leaves the nodes that it looked for the others with to the garbage collector.
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_a_cluster_that_was_away_is_followed_again(self) -> None:
        with EmbeddedRedis(cluster_enabled="yes", cluster_port=free_port(), keep=True) as engine:
            with redis.Redis(port=engine.port) as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
                until(lambda: client.cluster("info")["cluster_state"] == "ok")

            async def scenario(broker: RedisBroker) -> None:
                seen: list[int] = []
                tail = asyncio.create_task(numbers_of(broker, "news", 2, seen))
                await kept(broker, "news", b"0", "k0")
                engine.kill()
                while broker.trouble is None or "cannot be reached" not in broker.trouble:
                    await asyncio.sleep(0.01)
                with pytest.raises(Unavailable, match=r"hangs up|cannot be reached"):
                    await broker.append("news", b"1", "k1")
                await asyncio.to_thread(engine.start)
                await kept(broker, "news", b"1", "k1")
                await tail
                assert seen == [0, 1]
                assert broker.trouble is None
                gc.collect()  # while there is a loop in which they can be closed

            run(f"redis+cluster://127.0.0.1:{engine.port}", scenario)

    @pytest.mark.parametrize(
        ("enabled", "sentence"), [("yes", "a cluster that is not whole"), ("no", "is no cluster")]
    )
    def test_what_is_no_whole_cluster_has_a_name(self, enabled: str, sentence: str) -> None:
        with (
            EmbeddedRedis(cluster_enabled=enabled, cluster_port=free_port()) as engine,
            pytest.raises(Unavailable, match=sentence),
        ):
            run(f"redis+cluster://127.0.0.1:{engine.port}", _nothing)

    def test_a_cluster_that_is_not_there_has_a_name_and_a_remedy(self) -> None:
        with pytest.raises(Unavailable, match="cannot be reached: start it"):
            run(f"redis+cluster://127.0.0.1:{free_port()}", _nothing)


def _knows_all(client: Any) -> bool:
    info = client.cluster("info")
    return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3")


def _move(source: Any, target: Any, stream: str) -> None:
    """Move a channel's slot from one node to another, as resharding does it."""
    slot = source.execute_command("CLUSTER", "KEYSLOT", stream)
    ids = [client.execute_command("CLUSTER", "MYID") for client in (source, target)]
    target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    keys = source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100)
    port = target.get_connection_kwargs()["port"]
    source.execute_command("MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", *keys)
    for client in (target, source):
        client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[1])


class Sentinel(EmbeddedRedis):
    """Watches one master, alone: it needs nobody's vote."""

    def __init__(self, master: int, files: Files | None = None) -> None:
        self.master, self.files = master, files
        super().__init__()

    def command(self) -> list[str]:
        """`valkey-server FILE --sentinel`, with a file that it may write into."""
        program = super().command()[0] if self.files is None else SERVER or ""
        settings = {"port": self.port} if self.files is None else self.files.settings(self.port)
        lines = [f"{name.replace('_', '-')} {value}" for name, value in settings.items()]
        lines += [
            "bind 127.0.0.1",
            f"sentinel monitor news 127.0.0.1 {self.master} 1",
            "sentinel down-after-milliseconds news 300",
            "sentinel failover-timeout news 2000",
        ]
        file = Path(self.folder.name) / "sentinel.conf"
        file.write_text("\n".join(lines) + "\n")
        return [program, str(file), "--sentinel"]


class TestSentinel:
    def test_the_next_master_is_found_when_one_dies(self) -> None:
        with ExitStack() as stack:
            login: dict[str, Any] = {
                "masterauth": "s:cret",
                "requirepass": "s:cret",
                "repl_diskless_sync_delay": 0,
            }
            master = stack.enter_context(EmbeddedRedis(**login))
            replica = stack.enter_context(EmbeddedRedis(replicaof=f"127.0.0.1 {master.port}", **login))
            client: Any = stack.enter_context(redis.Redis(port=replica.port, password="s:cret"))
            until(lambda: client.info("replication")["master_link_status"] == "up")
            sentinel = stack.enter_context(Sentinel(master.port))
            watcher: Any = stack.enter_context(redis.Redis(port=sentinel.port))
            watcher.execute_command("SENTINEL", "SET", "news", "auth-pass", "s:cret")
            until(lambda: _is_watched(watcher.sentinel_master("news")))

            async def scenario(broker: RedisBroker) -> None:
                seen: list[int] = []
                tail = asyncio.create_task(numbers_of(broker, "news", 20, seen))
                for number in range(20):
                    if number == 10:
                        await asyncio.to_thread(_wait_for_replica, master.port)
                        master.kill()
                    await kept(broker, "news", b"%d" % number, f"k{number}")
                await tail
                assert seen == list(range(20))
                assert broker.failures >= 1

            run(f"redis+sentinel://:s%3Acret@127.0.0.1:{sentinel.port}/news", scenario)

    @needs_redis
    def test_master_and_sentinel_may_both_speak_tls(self, tmp_path: Path) -> None:
        files = Files.made(tmp_path)

        async def scenario(broker: RedisBroker) -> None:
            placed = await broker.append("news", b"1")
            assert (await anext(broker.tail("news", NEW))).records == [placed.record]

        with Guarded(files) as master, Sentinel(master.port, files) as sentinel:
            address = f"rediss+sentinel://localhost:{sentinel.port}/news"
            run(f"{address}?ssl_ca_certs={files.cacert}&ssl_check_hostname=no", scenario)
            for query in ("", f"?ssl_ca_certs={files.cacert}"):  # the certificate is for 127.0.0.1
                with pytest.raises(Unavailable, match="cannot be trusted"):
                    run(address + query, _nothing)
            with pytest.raises(Unavailable, match=r"hangs up.*rediss://"):
                run(address.replace("rediss", "redis"), _nothing)

    def test_a_master_that_the_sentinels_do_not_know_has_a_name(self) -> None:
        with Sentinel(free_port()) as sentinel, pytest.raises(Unavailable, match="knows no such master"):
            run(f"redis+sentinel://127.0.0.1:{sentinel.port}/scores", _nothing)


def _is_watched(master: dict[str, Any]) -> bool:
    """Whether a sentinel knows the master's replica, and finds the master alive."""
    return bool(master["num-slaves"] == 1 and master["flags"] == "master")


async def _nothing(_broker: Broker) -> None:
    """Never comes to this."""


def _wait_for_replica(port: int) -> None:
    """Until the replica has what the master has acknowledged."""
    with contextlib.closing(redis.Redis(port=port, password="s:cret")) as client:
        assert client.wait(1, int(SECONDS * 1000)) == 1
