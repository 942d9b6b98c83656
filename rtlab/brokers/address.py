"""Addresses of brokers as they are given, and as they may be shown: the login in one is in no message and in no log."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from rtlab.errors import BadInput

LONGEST = 80  # characters of an address in a message
LOGIN = re.compile(
    r"((?:[\w+.-]*://)?).*@", re.DOTALL
)  # to the last @: a password may have one that is not escaped


def shown(text: str) -> str:
    """An address, or a sentence with one in it, for people: what stands before its host is left out."""
    return LOGIN.sub(r"\1***@", text)[:LONGEST]


def split(url: str, kind: str) -> SplitResult:
    """The parts of the address of a `kind` of broker. Raises BadInput, which tells nobody a password."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadInput(f"{shown(url)!r} is not the address of a {kind}: {shown(str(error))}") from None
    if "@" in parts.path + parts.fragment:
        raise BadInput(
            f"{shown(url)!r} is not the address of a {kind}: in a name or a password write / as %2F and # as %23"
        )
    return parts
