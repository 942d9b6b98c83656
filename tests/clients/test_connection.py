"""The connection beneath: bytes counted, time limits kept, proxies of the environment left out, TLS."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rtlab.clients import Publisher, Reader, ShortPolling, Stats, WebSocket
from rtlab.clients.channel import Channel
from rtlab.clients.connection import LONGEST_WAIT, Connection, retry_after
from rtlab.clients.line import Line
from rtlab.errors import Unavailable
from rtlab.event import Event
from rtlab.server.thread import ServerThread

Make = Callable[..., Reader]


def test_bytes_are_those_that_crossed_the_connection(
    make: Make, server: ServerThread, relay: Any, publish: Callable[..., list[str]]
) -> None:
    between = relay(server.server.port)
    with make(between.url) as reader:
        publish(*["x" * 50] * 20)
        assert len(list(reader.events(limit=20, timeout=10))) == 20
    between.close()
    assert (reader.stats.bytes_up, reader.stats.bytes_down) == (between.counts["up"], between.counts["down"])
    assert reader.stats.connections == between.accepted == 1


def test_the_publishers_bytes_too(server: ServerThread, relay: Any) -> None:
    between = relay(server.server.port)
    with Publisher(between.url) as publisher:
        for n in range(5):
            publisher.publish({"n": n})
    between.close()
    stats = publisher.stats
    assert (stats.bytes_up, stats.bytes_down) == (between.counts["up"], between.counts["down"])
    assert (stats.requests, stats.connections) == (5, 1)


def test_small_writes_are_not_held_back(make: Make, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []
    connect = Line.connect
    monkeypatch.setattr(
        Line, "connect", lambda self, *address: made.append(connect(self, *address)) or made[-1]
    )
    with make(url):
        assert made[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_proxies_of_the_environment_do_not_stand_before_the_loopback(
    make: Make, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with make(url) as reader:
        assert reader.cursor == "new.0"
    assert Connection(Channel.parse("http://example.org/channels/n"), Stats()).session.trust_env


@pytest.mark.parametrize(("token", "shown"), [("right-token", "Bearer right-token"), (None, None)])
def test_a_password_for_the_machine_is_not_sent_in_the_place_of_the_token(
    peer: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: str | None, shown: str | None
) -> None:
    """Of a server elsewhere the environment is asked: for its proxy, not for a password."""
    heads: list[str] = []

    def serve(connection: socket.socket, number: int) -> None:
        heads.append(connection.recv(1 << 16).decode())
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password of-another-service\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(Channel, "is_loopback", False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with contextlib.closing(Connection(Channel.parse(peer(serve).url), Stats(), token=token)) as connection:
        assert connection.session.trust_env
        connection.request("GET", "events", time.monotonic() + 10)
    found = [line for line in heads[0].split("\r\n") if line.lower().startswith("authorization:")]
    assert found == ([] if shown is None else [f"Authorization: {shown}"])


def test_an_answer_that_dribbles_does_not_outlast_the_time_limit(peer: Any) -> None:
    stop = threading.Event()

    def dribble(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not stop.wait(0.01):
            connection.sendall(b" ")

    slow = peer(dribble)
    with contextlib.closing(Connection(Channel.parse(slow.url), Stats())) as connection:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="timed out"):
            connection.request("GET", "events", began + 0.2)
        stop.set()


def test_a_timeout_in_the_middle_of_a_held_poll_gives_it_up(techniques: dict[str, Make], url: str) -> None:
    with techniques["long"](url) as reader:
        assert list(reader.events(timeout=0.05)) == []
        assert reader.stats.requests == 2
        assert list(reader.events(timeout=0.05)) == []
        assert reader.stats.connections == 2  # the first was hung up on
        assert reader.stats.reconnects == 0  # which is no failure


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("9" * 400, LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("soon", 0.0),
        ("", 0.0),
        ("-1", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_retry_after(value: str, seconds: float) -> None:
    assert retry_after(value) == seconds


def test_retry_after_as_a_date_to_come() -> None:
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=100)
    assert 90 < retry_after(later.strftime("%a, %d %b %Y %H:%M:%S GMT")) <= 100


def test_a_head_that_was_cut_is_not_an_answer(peer: Any) -> None:
    whole = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\n{}"

    def cut(connection: socket.socket, number: int) -> None:
        connection.recv(65536)
        connection.sendall(whole[:number])

    cutting = peer(cut)
    with contextlib.closing(Connection(Channel.parse(cutting.url), Stats())) as connection:
        for _ in range(1, len(whole)):
            with pytest.raises(Unavailable):
                connection.request("GET", "events", time.monotonic() + 10)
        assert connection.request("GET", "events", time.monotonic() + 10).content == b"{}"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, as a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture
def secure(certificate: Path, server: ServerThread, peer: Any) -> Iterator[str]:
    """The server behind TLS; its channel's URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def terminate(raw: socket.socket, _number: int) -> None:
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(raw, server_side=True) as inside,
            socket.create_connection(("127.0.0.1", server.server.port)) as up,
        ):

            def pump() -> None:
                with contextlib.suppress(OSError):
                    while data := up.recv(65536):
                        inside.sendall(data)
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(inside, socket.SHUT_RDWR)

            thread = threading.Thread(target=pump)
            thread.start()
            with contextlib.suppress(OSError):
                while data := inside.recv(65536):
                    up.sendall(data)
            up.shutdown(socket.SHUT_RDWR)
            thread.join()

    return peer(terminate).url.replace("http", "https")


def test_over_tls_it_is_all_the_same(
    make: Make,
    secure: str,
    certificate: Path,
    publish: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    in_thread: Callable[..., threading.Thread],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with make(secure) as reader:
        for _ in range(3):
            published = publish(*["x" * 30_000] * 3)
            assert [e.id for e in reader.events(limit=3, timeout=10) if isinstance(e, Event)] == published
            assert list(reader.events(timeout=0.02)) == []
        assert reader.stats.bytes_down > 9 * 30_000
        assert reader.stats.reconnects == 0
        iterating = in_thread(lambda: list(reader.events()))
        time.sleep(0.05)
        reader.close()
        iterating.join(1.0)
        assert not iterating.is_alive()


def test_over_tls_many_threads_send_while_another_iterates(
    secure: str,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_thread: Callable[..., threading.Thread],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    seen: list[str] = []
    with WebSocket(secure) as reader:
        iterating = in_thread(lambda: seen.extend(item.id for item in reader.events(limit=200)))  # type: ignore[union-attr]
        with ThreadPoolExecutor(8) as pool:
            sent = list(pool.map(reader.send, ["x" * 5000] * 200))
        iterating.join(20)
        assert not iterating.is_alive()
        assert reader.stats.connections == 1
    assert sorted(seen) == sorted(sent)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    make: Make, secure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reader, "PATIENCE", 1.0)
    with pytest.raises(Unavailable, match=r"(?i)certificate"), make(secure):
        pass


def test_close_before_and_during_connecting(url: str) -> None:
    reader = ShortPolling(url)
    reader.close()
    with pytest.raises(OSError, match="closed"):
        reader._http.line.connect("127.0.0.1", 1)


def test_close_at_any_moment_of_connecting_over_tls_leaves_nothing_open(
    make: Make,
    secure: str,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_thread: Callable[..., threading.Thread],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for n in range(12):
        reader = make(secure)
        entering = in_thread(reader.__enter__)
        time.sleep(0.004 * n)
        reader.close()
        entering.join(5)
        assert not entering.is_alive()
