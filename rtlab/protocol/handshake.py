"""The WebSocket opening handshake (RFC 6455, section 4): an HTTP request that asks to stop being HTTP.

=========================  =========================  ====================================================
request                    response                   why
=========================  =========================  ====================================================
Upgrade: websocket         Upgrade: websocket         the protocol to change to
Connection: Upgrade        Connection: Upgrade        Upgrade is for this connection: no proxy forwards it
Sec-WebSocket-Key          Sec-WebSocket-Accept       the answer is to this request, from one who speaks it
Sec-WebSocket-Version: 13  (only in a refusal)        the version that the RFC defines
Sec-WebSocket-Protocol     Sec-WebSocket-Protocol     what messages mean: the client offers, the server picks
Sec-WebSocket-Extensions   Sec-WebSocket-Extensions   what frames mean, such as compression (`deflate`)
Origin                     (403 in a refusal)         which page asks: set by the browser, not by the page
=========================  =========================  ====================================================

Headers are taken as a mapping or, so that a repeated one is seen, as (name, value) pairs; names in any case.
"""

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence

from rtlab.errors import BadInput, HandshakeError

Headers = Mapping[str, str] | Iterable[tuple[str, str]]

VERSION = "13"
# Section 1.3: only a server that knows the RFC, and read this request, can answer with key and GUID joined.
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

# RFC 9110, Section 5.6.2 - Tokens: field names; Section 5.5 - Field Values: no line end, no NUL, may be empty
FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# RFC 9110, Section 15.5.22 - 426 Upgrade Required: the answer names the protocol, and here its version
UPGRADE_REQUIRED = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": VERSION}
# RFC 3986, Section 3.3 - Path, and Section 3.4 - Query: visible ASCII; a fragment is never sent
RESOURCE = re.compile(r"/[!-\"$-~]*")


def new_key() -> str:
    """Make a `Sec-WebSocket-Key`: 16 random bytes in base64 (section 4.1). It is not a secret."""
    return base64.b64encode(os.urandom(16)).decode()


def accept_value(key: str) -> str:
    """Compute the `Sec-WebSocket-Accept` for a key: base64 of the SHA-1 of key and GUID (section 4.2.2)."""
    digest = hashlib.sha1((key + GUID).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def client_request(
    host: str,
    resource: str,
    key: str,
    *,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    headers: Headers = (),
) -> bytes:
    """Write the client's half (section 4.1): the whole head of the request.

    `host` has the port with it unless it is the default one; `resource` is path and query. Raises `BadInput`
    for what would break the head.
    """
    if not RESOURCE.fullmatch(resource):
        raise BadInput(f"resource {resource[:80]!r}: give a path, percent-encoded, such as /a%20b?c=1")
    ours = [
        ("Host", host),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", VERSION),
    ]
    if origin is not None:
        ours.append(("Origin", origin))
    if subprotocols:
        ours.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    return _head(f"GET {resource} HTTP/1.1", [*ours, *_pairs(headers)])


def check_request(method: str, version: str, headers: Headers) -> str:
    """Check a client's half as a server must (section 4.2.1), return its key. `version` is as in "HTTP/1.1".

    Raises `HandshakeError` with the status and headers of the refusal. `Origin` is the server's to judge.
    """
    found = _by_name(headers)
    if method != "GET":
        raise HandshakeError(405, f"a WebSocket handshake is a GET, not {method[:20]}", {"Allow": "GET"})
    if version in ("HTTP/0.9", "HTTP/1.0"):
        raise HandshakeError(400, f"{version} cannot upgrade a connection: use HTTP/1.1")
    if len(found.get("host", [])) != 1:
        raise HandshakeError(400, "exactly one Host header is needed")
    if "websocket" not in _tokens(found, "upgrade"):
        raise HandshakeError(426, "this is a WebSocket: ask with Upgrade: websocket", dict(UPGRADE_REQUIRED))
    if "upgrade" not in _tokens(found, "connection"):
        raise HandshakeError(400, "Connection: Upgrade is missing; a proxy on the way may have taken it off")
    _check_version(found.get("sec-websocket-version", []))
    keys = found.get("sec-websocket-key", [])
    if len(keys) != 1 or not _is_key(keys[0]):
        raise HandshakeError(400, "exactly one Sec-WebSocket-Key is needed: 16 bytes in base64")
    return keys[0]


def response(key: str, subprotocol: str | None = None, headers: Headers = ()) -> bytes:
    """Write the server's half (section 4.2.2): the whole 101 head. What comes after it are frames."""
    ours = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept_value(key))]
    if subprotocol is not None:
        ours.append(("Sec-WebSocket-Protocol", subprotocol))
    return _head("HTTP/1.1 101 Switching Protocols", [*ours, *_pairs(headers)])


def check_response(status: int, headers: Headers, key: str, subprotocols: Sequence[str] = ()) -> None:
    """Check a server's half as a client must (section 4.1), against the key and subprotocols that were sent.

    Raises `HandshakeError`, with the status that came, at the first fault: the client must then hang up.
    """
    found = _by_name(headers)
    accept, chosen = accept_value(key), found.get("sec-websocket-protocol", [])

    def need(right: bool, otherwise: str) -> None:
        if not right:
            raise HandshakeError(status, otherwise)

    need(status == 101, "the server did not switch protocols: 101 was expected")
    need(_tokens(found, "upgrade") == ["websocket"], "the answer lacks Upgrade: websocket")
    need("upgrade" in _tokens(found, "connection"), "the answer lacks Connection: Upgrade")
    need(found.get("sec-websocket-accept") == [accept], f"the answer lacks Sec-WebSocket-Accept: {accept}")
    need(not _tokens(found, "sec-websocket-extensions"), "the server uses an extension that was not offered")
    need(len(chosen) <= 1, "the server chose more than one subprotocol")
    need(set(chosen) <= set(subprotocols), f"the server chose a subprotocol that was not offered: {chosen}")


def _check_version(versions: list[str]) -> None:
    """Section 4.4: a version that is not spoken here is answered with the one that is."""
    if len(versions) != 1:
        needed = {"Sec-WebSocket-Version": VERSION}
        raise HandshakeError(400, f"exactly one Sec-WebSocket-Version is needed: {VERSION}", needed)
    if versions[0] != VERSION:
        detail = f"WebSocket version {versions[0][:20]!r} is not spoken here: use {VERSION}"
        raise HandshakeError(426, detail, dict(UPGRADE_REQUIRED))


def _is_key(key: str) -> bool:
    try:
        return len(key) == 24 and len(base64.b64decode(key, validate=True)) == 16
    except ValueError:
        return False


def _pairs(headers: Headers) -> Iterable[tuple[str, str]]:
    return headers.items() if isinstance(headers, Mapping) else headers


def _by_name(headers: Headers) -> dict[str, list[str]]:
    """Group the values of each header under its lower-case name."""
    found: dict[str, list[str]] = {}
    for name, value in _pairs(headers):
        found.setdefault(name.lower(), []).append(value.strip(" \t"))
    return found


def _tokens(found: dict[str, list[str]], name: str) -> list[str]:
    """Split a list header into its elements, in lower case (RFC 9110, section 5.6.1: empty ones are skipped)."""
    elements = (element.strip(" \t").lower() for value in found.get(name, []) for element in value.split(","))
    return [element for element in elements if element]


def _head(start: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [start]
    for name, value in headers:
        if not FIELD_NAME.fullmatch(name) or not FIELD_VALUE.fullmatch(value):
            raise BadInput(f"header {name[:40]!r}: {value[:40]!r} has a character that would break the head")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
