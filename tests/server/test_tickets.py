"""Tickets: good for one connection and a moment, for no more than the token was; and for no one who has none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rtlab.errors import Refused
from rtlab.protocol.frames import Opcode
from rtlab.server import tickets
from rtlab.server.access import Access, Grant, issue
from rtlab.server.place import Place
from rtlab.server.thread import ServerThread
from rtlab.server.tickets import Tickets, tickets_of

from .raw import Connection, Socket, Stream

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def guarded() -> Iterator[ServerThread]:
    server = ServerThread(access=Access(key=KEY))
    yield server
    server.close()


def ticket(
    guarded: ServerThread, *, read: list[str], publish: tuple[str, ...] = (), seconds: float = 60.0
) -> str:
    token = issue(KEY, "ann", read, publish, seconds)
    with Connection(guarded.url) as connection:
        answer = connection.post("/tickets", "", {"Authorization": f"Bearer {token}"})
    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    assert found["seconds"] == tickets.SECONDS
    return str(found["ticket"])


def test_it_opens_a_socket_and_a_stream_and_allows_what_the_token_did(guarded: ServerThread) -> None:
    shown = ticket(guarded, read=["a"], publish=("a",))
    with Socket(guarded.url, f"/channels/a/socket?ticket={shown}") as peer:
        assert peer.message()["type"] == "open"
        peer.say(Opcode.TEXT, b'{"type": "publish", "data": 1, "ref": 5}')
        assert {peer.message()["type"], peer.message()["type"]} == {"published", "event"}
    with Stream(guarded.url, f"/channels/a/stream?ticket={ticket(guarded, read=['a'])}") as stream:
        assert stream.status == 200
    with Connection(guarded.url) as connection:
        answer = connection.get(f"/channels/b/events?ticket={ticket(guarded, read=['a'])}")
        assert "ann may not read b" in answer.problem(403)


def test_a_second_time_it_is_refused(guarded: ServerThread) -> None:
    path = f"/channels/a/events?ticket={ticket(guarded, read=['a'])}"
    with Connection(guarded.url) as connection:
        assert connection.get(path).status == 200
        assert "it has been used" in connection.get(path).problem(401)


def test_a_socket_ends_with_the_token_that_its_ticket_was_got_for(guarded: ServerThread) -> None:
    shown = ticket(guarded, read=["a"], seconds=1.5)
    with Socket(guarded.url, f"/channels/a/socket?ticket={shown}") as peer:
        peer.message()
        assert peer.close_code()[0] == 4401


@pytest.mark.parametrize("path", ["/tickets", "/tickets?access_token={token}", "/tickets?ticket={ticket}"])
def test_only_a_token_in_a_header_gets_one(guarded: ServerThread, path: str) -> None:
    """What stands in a URL does not live on as something new."""
    token = issue(KEY, "ann", ["a"])
    with Connection(guarded.url) as connection:
        answer = connection.post(path.format(token=token, ticket=ticket(guarded, read=["a"])), "")
        assert "Authorization: Bearer" in answer.problem(401)


@pytest.mark.parametrize("path", ["/metrics", "/channels"])
def test_it_opens_no_more_than_a_channel(guarded: ServerThread, path: str) -> None:
    shown = ticket(guarded, read=["*"])
    with Connection(guarded.url) as connection:
        assert "Authorization: Bearer" in connection.get(f"{path}?ticket={shown}").problem(401)
        assert connection.get(f"/channels/a/events?ticket={shown}").status == 200  # and is not spent by it


def test_a_server_that_wants_no_token_has_none() -> None:
    server = ServerThread()
    try:
        with Connection(server.url) as connection:
            assert "wants no token" in connection.post("/tickets", "").problem(404)
    finally:
        server.close()


def test_a_token_is_no_ticket_and_a_ticket_no_token(guarded: ServerThread) -> None:
    with Connection(guarded.url) as connection:
        for path in (
            f"/channels/a/events?ticket={issue(KEY, 'ann', ['a'])}",
            f"/channels/a/events?access_token={ticket(guarded, read=['a'])}",
        ):
            assert connection.get(path).status == 401


def test_it_is_good_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "SECONDS", -1.0)
    own = Tickets("s" * 64)
    with pytest.raises(Refused, match="expired"):
        own.redeem(own.issue(Grant()))


def test_used_ones_are_remembered_no_longer_than_they_would_have_been_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = Tickets("s" * 64)
    own.redeem(own.issue(Grant(until=time.time() + 60)))
    assert len(own._used) == 1
    monkeypatch.setattr(time, "time", lambda: 4e9)
    with pytest.raises(Refused):
        own.redeem(own.issue(Grant()) + "x")
    own.redeem(own.issue(Grant()))
    assert len(own._used) == len(own._ends) == 1


def test_one_that_ends_later_is_remembered_when_those_used_after_it_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = Tickets("s" * 64)
    now = time.time()
    late, soon = own.issue(Grant(), later=60.0), own.issue(Grant())
    own.redeem(late)
    own.redeem(soon)
    monkeypatch.setattr(time, "time", lambda: now + tickets.SECONDS + 1)
    own.redeem(own.issue(Grant()))
    assert len(own._used) == 2
    with pytest.raises(Refused, match="it has been used"):
        own.redeem(late)


def test_of_a_grant_one_channel_to_read_is_left_and_never_longer_than_it_was() -> None:
    now = time.time()
    first = Grant("ann").only("a", 60.0)
    assert (first.subject, first.read, first.publish) == ("ann", ("a",), ())
    assert first.until is not None
    assert now + 60 <= first.until <= time.time() + 60
    assert first.only("a", 3600.0) == first
    assert Grant(until=now + 5).only("a", 60.0).until == now + 5


class TestSecret:
    def test_servers_with_the_same_long_token_or_shared_key_take_each_others(self) -> None:
        for access in (Access("t" * 32), Access(key=KEY), Access("short-one", KEY)):
            assert tickets_of(access, None).redeem(tickets_of(access, None).issue(Grant())) == Grant()

    def test_what_can_be_guessed_or_is_public_is_not_what_they_are_signed_with(self) -> None:
        public = ec.generate_private_key(ec.SECP256R1()).public_key()
        pem = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()
        for access in (Access("eight888"), Access(key=pem)):
            assert access.derived("x") is None
            with pytest.raises(Refused):
                tickets_of(access, None).redeem(tickets_of(access, None).issue(Grant()))
            place = Place(0, 2, (), "", "f" * 64)
            assert tickets_of(access, place).redeem(tickets_of(access, place).issue(Grant())) == Grant()

    def test_the_secret_of_a_shared_key_is_not_the_key(self) -> None:
        derived = Access(key=KEY).derived("x")
        assert derived is not None
        assert KEY not in derived
        assert derived != Access(key=KEY).derived("y")


def test_no_ticket_of_another_secret_or_purpose_is_taken() -> None:
    own = Tickets("s" * 64)
    claims = {
        "sub": "eve",
        "read": ["*"],
        "publish": ["*"],
        "until": None,
        "jti": "1",
        "exp": time.time() + 9,
    }
    for made in (
        Tickets("e" * 64).issue(Grant()),
        jwt.encode(claims, "s" * 64, "HS256"),
        jwt.encode({**claims, "aud": "another"}, "s" * 64, "HS256"),
        jwt.encode({**claims, "aud": tickets.AUDIENCE}, None, "none"),
        "nonsense",
    ):
        with pytest.raises(Refused):
            own.redeem(made)
