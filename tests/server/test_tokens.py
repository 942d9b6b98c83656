"""Tokens: who has none is told so, who has one may do what it says, until it expires; and nobody finds it in a log."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from rtlab import LongPolling, Publisher, ServerSentEvents, WebSocket, connect
from rtlab.clients import READERS
from rtlab.errors import BadInput, Missing, ServerError
from rtlab.protocol.frames import Opcode
from rtlab.server.access import Access, Grant, chosen, issue
from rtlab.server.thread import ServerThread

from .raw import Connection, Socket, Stream

TOKEN = "correct-horse-battery"
KEY = "0123456789abcdef0123456789abcdef"
BY = {**READERS, "auto": connect}
EVENTS = "/channels/a/events"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def may(read: list[str] = [], publish: list[str] = [], seconds: float = 60.0) -> str:  # noqa: B006
    return issue(KEY, "ann", read, publish, seconds)


@pytest.fixture(scope="module")
def guarded() -> Iterator[ServerThread]:
    server = ServerThread(access=Access(TOKEN, KEY))
    yield server
    server.close()


@pytest.fixture
def ask(guarded: ServerThread) -> Iterator[Connection]:
    with Connection(guarded.url) as connection:
        yield connection


class TestWithoutOne:
    @pytest.mark.parametrize("path", [EVENTS, "/channels/a/stream", "/channels", "/metrics"])
    def test_it_is_asked_for(self, ask: Connection, path: str) -> None:
        answer = ask.get(path)
        assert "Authorization: Bearer" in answer.problem(401)
        assert answer.headers["www-authenticate"] == 'Bearer realm="rtlab"'

    def test_what_anybody_may_see_is_seen(self, ask: Connection) -> None:
        for path in ("/healthz", "/"):
            assert ask.get(path).status == 200

    def test_the_handshake_is_refused(self, guarded: ServerThread) -> None:
        with pytest.raises(ServerError, match="401"), WebSocket(f"{guarded.url}/channels/a"):
            pass

    def test_nothing_is_published(self, ask: Connection, guarded: ServerThread) -> None:
        assert ask.post("/channels/silent/events", "1").status == 401
        assert "silent" not in guarded.server.channels.by_name


class TestWrong:
    @pytest.mark.parametrize(
        "token",
        [
            "guess",
            TOKEN + "x",
            jwt.encode({"sub": "eve", "exp": time.time() + 60}, KEY[::-1], "HS256"),
            jwt.encode({"sub": "eve", "exp": time.time() + 60}, None, "none"),
            jwt.encode({"sub": "eve"}, KEY, "HS256"),
            jwt.encode({"sub": "eve", "exp": time.time() - 1}, KEY, "HS256"),
        ],
        ids=["a guess", "more than it", "another key", "no signature", "no end", "expired"],
    )
    def test_it_is_refused_and_says_so(self, ask: Connection, token: str) -> None:
        answer = ask.get(EVENTS, headers=bearer(token))
        assert "no good" in answer.problem(401)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]

    def test_a_public_key_is_no_secret_to_sign_with(self) -> None:
        pair = ec.generate_private_key(ec.SECP256R1())
        public = pair.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        access, claims = Access(key=public.decode()), {"sub": "ann", "exp": time.time() + 60}
        assert access.grant(jwt.encode(claims, pair, "ES256")).subject == "ann"
        forged = jwt.api_jws.PyJWS().encode(json.dumps(claims).encode(), "x" * 32, "HS256")
        with pytest.raises(Exception, match="no good"):
            access.grant(forged)


class TestWithOne:
    @pytest.mark.parametrize("by", BY)
    def test_every_technique_reads(self, guarded: ServerThread, by: str) -> None:
        url = f"{guarded.url}/channels/news"
        with Publisher(url, token=TOKEN) as publisher:
            publisher.publish(by)
        with BY[by](url, after="last", token=TOKEN) as reader:
            assert [event.data for event in reader.events(limit=1, timeout=20)] == [by]

    def test_it_may_come_in_the_query_where_no_header_can_be_sent(self, guarded: ServerThread) -> None:
        with Socket(guarded.url, f"/channels/a/socket?access_token={TOKEN}") as peer:
            assert peer.message()["type"] == "open"
        with Stream(guarded.url, f"/channels/a/stream?access_token={TOKEN}") as stream:
            assert stream.status == 200

    def test_it_allows_what_it_says_and_no_more(self, ask: Connection) -> None:
        token = bearer(may(read=["news", "room-*"], publish=["room-1"]))
        assert ask.get("/channels/room-7/events", headers=token).status == 200
        assert ask.post("/channels/room-1/events", "1", token).status == 201
        assert "ann may not read secrets" in ask.get("/channels/secrets/events", headers=token).problem(403)
        assert "ann may not publish news" in ask.post("/channels/news/events", "1", token).problem(403)

    def test_the_list_has_the_channels_that_may_be_read(self, ask: Connection) -> None:
        for channel in ("listed", "hidden"):
            assert ask.post(f"/channels/{channel}/events", "1", bearer(TOKEN)).status == 201
        rows = ask.get("/channels", headers=bearer(may(read=["list*"]))).json()["channels"]
        assert [row["name"] for row in rows] == ["listed"]
        names = {row["name"] for row in ask.get("/channels", headers=bearer(TOKEN)).json()["channels"]}
        assert names >= {"listed", "hidden"}

    def test_the_figures_are_for_who_may_read_every_channel(self, ask: Connection) -> None:
        for token in (TOKEN, may(read=["news", "*"])):
            assert ask.get("/metrics", headers=bearer(token)).status == 200
        for token in (may(read=["news", "?*"]), may(publish=["*"])):
            assert "every channel" in ask.get("/metrics", headers=bearer(token)).problem(403)

    def test_on_a_socket_a_publish_that_is_not_allowed_is_an_error_and_the_socket_stays(
        self, guarded: ServerThread
    ) -> None:
        with Socket(guarded.url, f"/channels/a/socket?access_token={may(read=['a'])}") as peer:
            peer.message()
            for _ in range(2):
                peer.say(Opcode.TEXT, b'{"type": "publish", "data": 1, "ref": 5}')
                told = peer.message()
                assert (told["type"], told["ref"], told["problem"]["status"]) == ("error", 5, 403)

    @pytest.mark.parametrize("odd", ["all", {"read": "a"}, {"read": [7]}, {"write": ["*"]}])
    def test_what_it_does_not_say_in_the_right_way_it_does_not_allow(self, ask: Connection, odd: Any) -> None:
        token = jwt.encode({"sub": "ann", "exp": time.time() + 60, "rtlab": odd}, KEY, "HS256")
        assert ask.get(EVENTS, headers=bearer(token)).status == 403


class TestExpiry:
    def test_a_socket_is_closed_with_4401_and_its_reader_is_told(self, guarded: ServerThread) -> None:
        url, token = f"{guarded.url}/channels/a", may(["a"], seconds=1.5)
        with pytest.raises(ServerError, match="4401"), WebSocket(url, token=token) as reader:
            list(reader.events(timeout=20))

    def test_a_stream_and_a_held_poll_end_and_then_it_is_401(self, guarded: ServerThread) -> None:
        url = f"{guarded.url}/channels/a"
        for by in (ServerSentEvents, LongPolling):
            token = may(["a"], seconds=1.5)
            with pytest.raises(ServerError, match="expired"), by(url, token=token) as reader:
                list(reader.events(timeout=20))

    def test_a_grant_says_how_long_it_is_good(self) -> None:
        assert Grant().left() is None
        assert Grant(until=time.time() - 5).left() == 0
        assert 50 < (Grant(until=time.time() + 60).left() or 0) <= 60


def test_no_token_is_in_any_log(guarded: ServerThread, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = may(["a"])
    with Connection(guarded.url) as connection:
        connection.get(f"{EVENTS}?access_token={secret}")
        connection.get(f"/nothing?access_token={secret}")
        connection.get(f"{EVENTS}?after=!&access_token={secret}")
    ours = [record for record in caplog.records if record.name.startswith(("rtlab", "tornado"))]
    assert not [record for record in ours if secret in record.getMessage()]


class TestSettings:
    @pytest.mark.parametrize(
        ("token", "key", "says"),
        [(None, None, "nothing to check"), ("short", None, "8 or more"), (None, "k" * 31, "fewer than 32")],
    )
    def test_what_protects_nothing_is_refused(self, token: str | None, key: str | None, says: str) -> None:
        with pytest.raises(BadInput, match=says):
            Access(token, key)

    def test_a_public_key_that_cannot_be_read_is_refused_at_once(self, tmp_path: Path) -> None:
        pair = ec.generate_private_key(ec.SECP384R1())
        private = pair.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = pair.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        file = tmp_path / "key.pem"
        for key, says in (
            ("-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----", "no public key"),
            ("ssh-ed25519 nonsense", "no public key"),
            (private.decode(), "no public key"),
            (public.decode(), "P-256"),  # it is P-384
        ):
            file.write_text(key)
            with pytest.raises(BadInput, match=says):
                chosen(None, file, "127.0.0.1", anyone=False)

    @pytest.mark.parametrize(
        ("pair", "algorithm"),
        [
            (rsa.generate_private_key(65537, 2048), "RS256"),
            (ec.generate_private_key(ec.SECP256R1()), "ES256"),
            (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        ],
        ids=["RSA", "P-256", "Ed25519"],
    )
    def test_a_public_key_in_either_form_verifies_what_its_pair_has_signed(
        self, pair: Any, algorithm: str
    ) -> None:
        token = jwt.encode({"sub": "ann", "exp": time.time() + 60}, pair, algorithm)
        pem = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        ssh = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        for form in (pem,) if algorithm == "ES256" else (pem, ssh):
            key = pair.public_key().public_bytes(*form).decode()
            assert Access(key=key).grant(token).subject == "ann"

    def test_without_what_reads_public_keys_it_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
        with pytest.raises(Missing, match="cryptography is not installed"):
            Access(key="-----BEGIN PUBLIC KEY-----")
        assert Access(key=KEY).derived("x")

    def test_other_machines_are_let_in_with_a_token_or_when_it_is_said_twice(self, tmp_path: Path) -> None:
        for host in ("0.0.0.0", "", "192.168.0.7"):
            with pytest.raises(BadInput, match="--anyone"):
                chosen(None, None, host, anyone=False)
            assert chosen(None, None, host, anyone=True) is None
            assert chosen(TOKEN, None, host, anyone=False) is not None
        assert chosen(None, None, "127.0.0.1", anyone=False) is None
        with pytest.raises(BadInput, match="cannot be read"):
            chosen(None, tmp_path / "none", "127.0.0.1", anyone=False)

    def test_a_reader_refuses_a_token_that_no_header_carries(self) -> None:
        with pytest.raises(BadInput, match="no header"):
            LongPolling("http://127.0.0.1:1/channels/a", token="two words")


def test_the_figures_of_an_open_server_are_for_its_own_machine() -> None:
    server = ServerThread("0.0.0.0")
    try:
        with Connection(server.url.replace("0.0.0.0", "127.0.0.1")) as connection:
            assert connection.get("/metrics").status == 200
    finally:
        server.close()
