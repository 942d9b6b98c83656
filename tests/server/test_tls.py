"""TLS on the server itself: every technique over https and wss, and clear words where a certificate will not do."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from rtlab import AdaptivePolling, LongPolling, Publisher, ServerSentEvents, ShortPolling, WebSocket, connect
from rtlab.clients.reader import Reader
from rtlab.errors import BadInput, Unavailable
from rtlab.event import Event
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.server.tls import chosen, context, development

READERS: dict[str, Callable[..., Any]] = {
    "short": lambda url, **o: ShortPolling(url, 0.05, "start", **o),
    "adaptive": lambda url, **o: AdaptivePolling(url, after="start", **o),
    "long": lambda url, **o: LongPolling(url, 2, "start", **o),
    "sse": lambda url, **o: ServerSentEvents(url, "start", **o),
    "websocket": lambda url, **o: WebSocket(url, "start", **o),
    "auto": lambda url, **o: connect(url, "start", **o),
}


class Secure:
    """A server with TLS, and who vouches for it."""

    def __init__(self, server: ServerThread, cacert: Path) -> None:
        self.server, self.cacert, self.url = server, cacert, f"{server.url}/channels/a"


@pytest.fixture
def secure() -> Iterator[Secure]:
    with development() as made:
        server = ServerThread(tls=made.tls)
        yield Secure(server, made.cacert)
        server.close()


@pytest.mark.parametrize("by", READERS)
def test_every_technique_reads_and_a_burst_comes_whole_and_in_order(secure: Secure, by: str) -> None:
    assert secure.url.startswith("https://")
    with Publisher(secure.url, cacert=secure.cacert) as publisher:
        publisher.publish("first")
    with READERS[by](secure.url, cacert=secure.cacert) as reader:
        events = reader.events(timeout=20)
        assert next(events).data == "first"
        channel = secure.server.server.channels
        secure.server.call(lambda: [channel.find("a").publish([n, "x" * 20_000]) for n in range(100)])
        assert [next(events).data[0] for _ in range(100)] == list(range(100))


def test_who_does_not_know_the_authority_is_told_how_to_name_it(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Reader, "PATIENCE", 1.0)  # a handshake on a busy machine has its time
    for by in ("long", "websocket"):
        with pytest.raises(Unavailable, match=r"(?s)certificate.*--cacert"), READERS[by](secure.url):
            pass
    named_errors(caplog)


def named_errors(caplog: pytest.LogCaptureFixture) -> None:
    """A handshake that fails is told in the log in one line."""
    assert all("SSL Error" in record.getMessage() and not record.exc_info for record in caplog.records)
    caplog.clear()


def test_a_slow_reader_is_bounded_over_tls_too(secure: Secure) -> None:
    with WebSocket(secure.url, "start", cacert=secure.cacert) as reader:
        channel = secure.server.server.channels
        secure.server.call(lambda: [channel.find("a").publish("x" * 500_000) for _ in range(60)])
        items = [next(reader.events(timeout=20)) for _ in range(3)]
        assert any(isinstance(item, Event) for item in items)


def test_plain_http_to_a_tls_port_is_dropped_and_harms_nobody(
    secure: Secure, caplog: pytest.LogCaptureFixture
) -> None:
    plain = secure.url.replace("https", "http")
    with pytest.raises(Unavailable):
        Publisher(plain).publish(1)
    with Publisher(secure.url, cacert=secure.cacert) as publisher:
        assert publisher.publish(1)
    named_errors(caplog)


def test_many_handshakes_at_once(secure: Secure) -> None:
    seen: list[object] = []

    def read() -> None:
        with ServerSentEvents(secure.url, "start", cacert=secure.cacert) as reader:
            seen.extend(
                event.data for event in reader.events(limit=1, timeout=20) if isinstance(event, Event)
            )

    readers = [threading.Thread(target=read) for _ in range(8)]
    for thread in readers:
        thread.start()
    secure.server.call(lambda: secure.server.server.channels.find("a").publish(7))
    for thread in readers:
        thread.join(20)
    assert seen == [7] * 8


class TestFiles:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        authority = trustme.CA()
        made = authority.issue_cert("localhost")
        made.private_key_pem.write_to_path(tmp_path / "key.pem")
        made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        return tmp_path / "cert.pem", tmp_path / "key.pem"

    def test_a_certificate_and_its_key_are_used(self, files: tuple[Path, Path]) -> None:
        with chosen(False, *files, ()) as tls:
            assert isinstance(tls, ssl.SSLContext)
        with chosen(False, None, None, ()) as tls:
            assert tls is None

    def test_what_cannot_be_used_is_told(self, files: tuple[Path, Path], tmp_path: Path) -> None:
        certificate, key = files
        other = tmp_path / "other.pem"
        trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(other)
        for pair in [(tmp_path / "none.pem", None), (certificate, None), (certificate, other), (key, key)]:
            with pytest.raises(BadInput, match="give a certificate and its own key"):
                context(*pair)
        with pytest.raises(BadInput, match="--tls-cert"), chosen(False, None, key, ()):
            pass

    def test_a_reader_refuses_a_file_without_authorities(self, files: tuple[Path, Path]) -> None:
        with pytest.raises(BadInput, match="holds no certificates"):
            LongPolling("https://localhost:1/channels/a", cacert=files[1])


def test_the_authority_for_development_is_gone_afterwards() -> None:
    with development(["lab.example"]) as made:
        assert "PRIVATE" not in made.cacert.read_text()
    assert not made.cacert.exists()


def test_a_handshake_that_does_not_come_ends_the_connection() -> None:
    import socket

    with development() as made:
        server = ServerThread(limits=Limits(idle_seconds=0.2), tls=made.tls)
        try:
            with socket.create_connection(("127.0.0.1", server.server.port), timeout=20) as silent:
                assert silent.recv(1) == b""
        finally:
            server.close()
