"""A door before a broker of Kafka's protocol: it takes off TLS, and asks who knocks (KIP-43, KIP-152).

The embedded broker has neither TLS nor users. What a client has to do for them is the same at every door, so here
it is held to by one that is small enough to be read: PLAIN (RFC 4616) and SCRAM-SHA-256 (RFC 5802, RFC 7677).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import ssl
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest

HANDSHAKE, AUTHENTICATE = 17, 36
UNSUPPORTED_MECHANISM, FAILED = 33, 58
SALT, ITERATIONS, NONCE = b"salt", 4096, "server"


class Refused(Exception):
    """The login is not right."""


def plain(users: dict[str, str], sent: bytes) -> bytes:
    """The answer to PLAIN's only message."""
    _, name, password = sent.decode().split("\0")
    if users.get(name) != password:
        raise Refused
    return b""


class Scram:
    """The server's side of one SCRAM exchange."""

    def __init__(self, users: dict[str, str]) -> None:
        self.users = users
        self.told = ""

    def answer(self, sent: bytes) -> bytes:
        """The answer to the client's first message, or to its final one."""
        fields = dict(part.split("=", 1) for part in sent.decode().split(",") if "=" in part)
        if not self.told:
            self.name, self.nonce = fields["n"], fields["r"] + NONCE
            first = f"r={self.nonce},s={base64.b64encode(SALT).decode()},i={ITERATIONS}"
            self.told = sent.decode().removeprefix("n,,") + "," + first
            return first.encode()
        message = f"{self.told},c={fields['c']},r={fields['r']}".encode()
        password = self.users.get(self.name, "")
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), SALT, ITERATIONS)
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), message, "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        if not password or fields["r"] != self.nonce or base64.b64decode(fields["p"]) != proof:
            raise Refused
        server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        return b"v=" + base64.b64encode(server)


class Login:
    """One connection's way in: `answer` each request until `done`; None: the broker is to be asked."""

    def __init__(self, users: dict[str, str]) -> None:
        self.users, self.done, self.closes = users, False, False
        self.scram = Scram(users)
        self.mechanism = ""

    def answer(self, request: bytes) -> bytes | None:
        """The bytes that answer a request."""
        key, _version, _id, name = struct.unpack(">hhih", request[:10])
        body = request[10 + max(name, 0) :]
        if key == HANDSHAKE:
            self.mechanism = body[2:].decode()
            names = (b"PLAIN", b"SCRAM-SHA-256")
            error = 0 if self.mechanism.encode() in names else UNSUPPORTED_MECHANISM
            return struct.pack(">hi", error, 2) + b"".join(struct.pack(">h", len(one)) + one for one in names)
        if key != AUTHENTICATE:
            return None
        try:
            data = plain(self.users, body[4:]) if self.mechanism == "PLAIN" else self.scram.answer(body[4:])
        except Refused:
            self.closes = True
            return struct.pack(">hhiq", FAILED, -1, 0, 0)
        self.done = self.mechanism == "PLAIN" or data.startswith(b"v=")
        return struct.pack(">hhi", 0, -1, len(data)) + data + struct.pack(">q", 0)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)


def _framed(data: bytes) -> bytes:
    return struct.pack(">i", len(data)) + data


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def door(
    port: int, broker: int, *, tls: ssl.SSLContext | None = None, users: dict[str, str] | None = None
) -> AsyncIterator[None]:
    """Stand on a port before the broker's: with TLS, if there is a context, and a login, if there are users."""

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, to_inside = await asyncio.open_connection("127.0.0.1", broker)
        login = Login(users) if users is not None else None
        try:
            while login is not None and not login.done:
                request = await _frame(reader)
                answer = login.answer(request)
                if answer is None:  # which versions there are may be asked before
                    to_inside.write(_framed(request))
                    writer.write(_framed(await _frame(inside)))
                else:
                    writer.write(_framed(request[4:8] + answer))
                if login.closes:
                    return
            await asyncio.gather(_copy(reader, to_inside), _copy(inside, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            to_inside.close()
            writer.close()

    server = await asyncio.start_server(enter, "127.0.0.1", port, ssl=tls)
    try:
        yield
    finally:
        server.close()


@pytest.fixture(name="door")
def _door() -> Any:
    """The door, for tests to put up."""
    return door
