"""`Sec-WebSocket-Extensions`: what a client offers and a server takes up (RFC 6455, section 9.1).

extension-list  = 1#extension
extension       = token *( ";" parameter )
parameter       = token [ "=" (token / quoted-string) ]     ; what is quoted must be a token, too
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.errors import BadInput

HEADER = "Sec-WebSocket-Extensions"
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
QUOTED = r'"(?:[^"\\]|\\.)*"'
PARAMETER = re.compile(rf"[ \t]*;[ \t]*({TOKEN})(?:[ \t]*=[ \t]*({TOKEN}|{QUOTED}))?")
EXTENSION = re.compile(rf"[ \t]*({TOKEN})((?:{PARAMETER.pattern})*)[ \t]*(?:,|$)")
NOTHING = re.compile(
    r"[ \t]*(?:,|$)"
)  # RFC 9110, section 5.6.1.2: a recipient skips empty elements of a list


@dataclass(frozen=True)
class Extension:
    """One extension by name, with its parameters in their order; a parameter without a value has None."""

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()


def read_extensions(values: Sequence[str]) -> list[Extension]:
    """Read the values of all such headers of one message, the preferred extension first.

    Raises `BadInput` for what does not follow the grammar: the handshake must then fail (section 9.1).
    """
    found = []
    for value in values:
        at = 0
        while at < len(value):
            if nothing := NOTHING.match(value, at):
                at = nothing.end()
            elif element := EXTENSION.match(value, at):
                found.append(Extension(element[1], tuple(_parameters(element[2]))))
                at = element.end()
            else:
                raise BadInput(f"{HEADER} {value[:80]!r} cannot be read: write name; parameter=value, …")
    return found


def write_extension(extension: Extension) -> str:
    """Write one extension as a value of the header."""
    parameters = (name if value is None else f"{name}={value}" for name, value in extension.parameters)
    return "; ".join([extension.name, *parameters])


def _parameters(text: str) -> list[tuple[str, str | None]]:
    return [(name, _unquoted(value) if value else None) for name, value in PARAMETER.findall(text)]


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    plain = re.sub(r"\\(.)", r"\1", value[1:-1])
    if not re.fullmatch(TOKEN, plain):
        raise BadInput(f"{HEADER}: the quoted value {value[:40]} is no token")
    return plain
