"""Secrets of an HTTP head, blacked out before anybody sees them: an output that is shown gets stored and shared."""

from __future__ import annotations

import re
from urllib.parse import unquote

SECRET_WORDS = (
    "token",
    "secret",
    "password",
    "passwd",
    "api-key",
    "api_key",
    "apikey",
    "xsrf",
    "csrf",
    "credential",
)
HIDDEN = "[hidden]"
QUERY = re.compile(r"(?<=[?&;#])([^=&;#\s\"<>]+)=([^&;#\s\"<>]+)")
PASSWORD = re.compile(r"(?<=://)[^/@\s]+:[^/@\s]*(?=@)")  # user:password@host, RFC 3986 section 3.2.1
# A subprotocol that carries a token behind its name, as v1.token.websocket.jupyter.org.TOKEN: words stay.
BEARER = re.compile(r"((?i:token|bearer)(?:\.[a-z]{1,13})*\.)(?![a-z]{1,13}(?:[.,\s]|$))([^,\s]+)")


def redacted(name: str, value: str) -> str:
    """Return a field's value as it may be shown; `name` is "" for the request line.

    Names of cookies and the scheme of credentials stay, so that one sees what was sent, not with what.
    """
    field = name.lower()
    if field in ("authorization", "proxy-authorization"):
        scheme, space, secret = value.partition(" ")
        return f"{scheme} {_blot(secret)}" if space else _blot(value)
    if field == "cookie":
        return "; ".join(_cookie(pair) for pair in value.split("; "))
    if field == "set-cookie":
        pair, semicolon, attributes = value.partition(";")
        return _cookie(pair) + semicolon + attributes
    if field and _is_secret(field):
        return _blot(value)
    value = QUERY.sub(
        lambda pair: f"{pair[1]}={_blot(pair[2]) if _is_secret(unquote(pair[1])) else pair[2]}", value
    )
    value = PASSWORD.sub(lambda found: _blot(found[0]), value)
    return BEARER.sub(lambda found: found[1] + _blot(found[2]), value)


def redacted_fault(line: str) -> str:
    """Return a line that is no field as it may be shown: wholly hidden if it smells of a secret."""
    smells = _is_secret(line) or "cookie" in line.lower() or "authorization" in line.lower()
    return HIDDEN if smells else redacted("", line)


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


def _cookie(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={_blot(value)}" if equals else _blot(pair)


def _blot(secret: str) -> str:
    """Say that there is a secret, and not even how long."""
    return HIDDEN if secret else ""
