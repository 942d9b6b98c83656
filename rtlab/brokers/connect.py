"""Connections to Redis or Valkey by URL, and what goes wrong with them in sentences.

redis://[[USER]:PASSWORD@]HOST:PORT[/DB]     rediss:// with TLS (`?ssl_ca_certs=FILE`)
redis+cluster://HOST:PORT                    a cluster, by any of its nodes
redis+sentinel://HOST:PORT,HOST:PORT/NAME    the master of that name, as these sentinels have it

Options: `keep_seconds` that a stream is kept to which nobody publishes; with TLS those of `FOR_TLS`.

With rediss+cluster and rediss+sentinel there is TLS to each node and sentinel; user and password are for the servers,
not for the sentinels. A name or a password with `@`, `:` or `/` in it has them as `%40`, `%3A`, `%2F`.
"""

from __future__ import annotations

import re
import ssl
from typing import Any
from urllib.parse import unquote

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel, SSLConnection
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
)
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

from rtlab.brokers.address import shown, split
from rtlab.errors import BadInput, Unavailable

KEEP_SECONDS = 7 * 86_400  # that an idle stream is kept
ANSWER_SECONDS = 5.0  # that a connection or an answer may take
HUNG_UP = (
    "closed by server",
    "reset by peer",
    "Broken pipe",
    "Connection lost",
)  # as redis-py says it: whichever end was first
FOR_TLS = {
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_check_hostname",
    "ssl_cert_reqs",
    "ssl_min_version",
    "ssl_ciphers",
}  # options of an address, as redis-py has them
TROUBLES = (RedisError, RedisClusterException, OSError)  # what a client may raise
CONNECTIONS = 2  # of one client: who needs one more waits
SCHEMES = tuple(plain + kind for plain in ("redis", "rediss") for kind in ("", "+cluster", "+sentinel"))
OLDEST = (7, 0)  # the version that has XADD with ids of the form 1700000000000-*


class Master(Redis):
    """A client of the master that sentinels name; to close it is to hang up on them too."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """As a client is closed."""
        await super().aclose(close_connection_pool)
        pool: Any = self.connection_pool
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


class Connect:
    """Makes clients for one URL. Raises BadInput for one that cannot be read."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = split(url, "Redis")
        self.scheme, hosts = parts.scheme, parts.netloc.rpartition("@")[2]
        if self.scheme not in SCHEMES or not hosts:
            raise BadInput(f"{shown(url)!r} is not the address of a Redis: give redis://HOST:PORT")
        self.address = f"{self.scheme}://{hosts}{parts.path}"  # for people: no password
        self.cluster = self.scheme.endswith("+cluster")
        self._hosts, self._name = hosts, parts.path.strip("/")
        self._plain = parts._replace(scheme=self.scheme.partition("+")[0], query="").geturl()
        try:
            given: dict[str, Any] = {**parse_url(f"redis://?{parts.query}")}
            self.keep_seconds = int(given.pop("keep_seconds", KEEP_SECONDS))
            self._options = self._checked(given)
            login = {"username": parts.username, "password": parts.password}
            self._login = {name: unquote(value) for name, value in login.items() if value is not None}
            self.client()
        except (ValueError, RedisError) as error:
            raise BadInput(f"{self.address} is not the address of a Redis: {error}") from None

    def _checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """The library's options of an address. Raises ValueError for one that is not known, or would not do."""
        if self.keep_seconds < 1:
            raise ValueError(f"keep_seconds={self.keep_seconds}: give a number above 0")
        for name in given:
            if name not in FOR_TLS | {"db"}:
                raise ValueError(f"{name!r} is not an option of it: see docs/scaling.md")
            if name in FOR_TLS and not self.scheme.startswith("rediss"):
                raise ValueError(f"{name} is for TLS: the address of one that speaks it begins with rediss")
        try:
            if self.scheme.startswith("rediss"):
                self._context = SSLConnection(**given).ssl_context
                self._context.get()
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"its options cannot be used for TLS ({error}): give PEM files") from None
        return given

    def client(self, answer_seconds: float = ANSWER_SECONDS, attempts: int = 1) -> Any:
        """A client that tries so often: more than once only what may be done twice."""
        options: dict[str, Any] = {
            "socket_timeout": answer_seconds,
            "socket_connect_timeout": ANSWER_SECONDS,
            "retry": Retry(NoBackoff(), attempts - 1, (NoConnection,)),
            "protocol": 2,
        }
        options |= self._options
        if self.cluster:
            return self._cluster(RedisCluster.from_url(self._plain, **options))
        if self.scheme.endswith("+sentinel"):
            return self._master(options)
        pool = BlockingConnectionPool.from_url(
            self._plain, max_connections=CONNECTIONS, timeout=ANSWER_SECONDS, **options
        )
        return Redis.from_pool(pool)

    def _cluster(self, cluster: Any) -> Any:
        """Let all connections share one context: to read the system's authorities takes 30 ms, for each of them."""
        if self.scheme.startswith("rediss"):
            cluster.nodes_manager.connection_kwargs["connection_class"] = self._secure
            for node in cluster.startup_nodes:
                node.connection_class = self._secure
        return cluster

    def _secure(self, **options: Any) -> SSLConnection:
        """A connection of a cluster's."""
        connection = SSLConnection(**options)
        connection.ssl_context = self._context
        return connection

    def _master(self, options: dict[str, Any]) -> Any:
        """A client of the master that the sentinels name, whichever that is when it connects."""
        hosts = [host.rpartition(":") for host in self._hosts.split(",")]
        sentinels = [(name or port, int(port) if name else 26379) for name, _, port in hosts]
        options |= {"ssl": True} if self.scheme.startswith("rediss") else {}
        sentinel: Any = Sentinel
        master = sentinel(sentinels, sentinel_kwargs=options, **options | self._login)
        return master.master_for(self._name or "mymaster", Master)


async def check_version(client: Any, address: str) -> None:
    """Raise Unavailable for a server that is too old."""
    info = await client.info("server")
    if "redis_version" not in info:  # a cluster answers for each node
        info = next(iter(info.values()))
    version = tuple(map(int, re.findall(r"\d+", str(info["redis_version"]))[:2]))
    if version < OLDEST:
        raise Unavailable(f"{address} is Redis {info['redis_version']}: rtlab needs 7.0 or newer, or Valkey")


async def reason(client: Any, error: Exception) -> Exception:
    """What is behind an error: who finds no master is not told whether the sentinels could be asked at all."""
    if isinstance(error, MasterNotFoundError):
        for sentinel in client.connection_pool.sentinel_manager.sentinels:
            try:
                await sentinel.ping()
            except TROUBLES as refusal:
                error = refusal
    return error


def named(error: Exception, address: str) -> Unavailable:
    """What went wrong, as a sentence that says what to do."""
    if isinstance(error, Unavailable):
        return error
    return Unavailable(f"{address} {trouble_with(error)}", 1.0)


def trouble_with(error: Exception) -> str:
    """What is wrong with a broker, to be put behind its address."""
    text = str(error)
    match error:
        case RedisClusterException() if isinstance(error.__cause__, Exception):
            return trouble_with(error.__cause__)
        case RedisClusterException() if "not enabled" in text:
            return "is no cluster: give redis://HOST:PORT, or rediss:// with TLS"
        case RedisClusterException() | ClusterDownError():
            return f"is a cluster that is not whole ({text[:120]}): start its other nodes"
        case MovedError():
            return "is a node of a cluster: give redis+cluster://HOST:PORT"
        case NoPermissionError():
            return (
                f"does not let this user do what rtlab needs ({text}): allow keys rtlab:* and their commands"
            )
        case AuthenticationError() | AuthorizationError():
            return f"refuses the password ({text}): give it as redis://USER:PASSWORD@HOST:PORT"
        case BusyLoadingError():
            return "is loading its data: it will be there in a moment"
        case OutOfMemoryError():
            return "has no memory left: raise its maxmemory, or keep fewer events"
        case ReadOnlyError():
            return "is a replica, which takes no events: give the address of its master"
        case MasterNotFoundError():
            return "knows no such master: see its name, and whether the sentinels can be reached"
        case NoConnection() if "CERTIFICATE_VERIFY_FAILED" in text:
            why = text.partition("CERTIFICATE_VERIFY_FAILED]")[2].partition("(_ssl")[0]
            return (
                f"shows a certificate that cannot be trusted ({why.strip()}): name its authority with "
                "?ssl_ca_certs=FILE, and the host as the certificate has it"
            )
        case NoConnection() if "SSL:" in text:
            return f"does not speak TLS as this client does ({text[:120]}): redis:// is without, rediss:// with it"
        case NoConnection() if any(sign in text for sign in HUNG_UP):
            return "hangs up: it stops, or it expects TLS (rediss://)"
        case NoAnswer() | TimeoutError():
            return f"does not answer within {ANSWER_SECONDS:g} s: see whether it runs and can be reached"
        case NoConnection() | OSError():
            return "cannot be reached: start it, or give the address of one that runs with --broker"
    if text.startswith("MISCONF") or "MISCONF" in text:
        return f"cannot write to its disk: make room there ({text[:120]})"
    if "OOM" in text:
        return "has no memory left: raise its maxmemory, or keep fewer events"
    if "NOAUTH" in text or "WRONGPASS" in text:
        return f"refuses the password ({text}): give it as redis://USER:PASSWORD@HOST:PORT"
    return f"answers with an error: {text[:200]}"
