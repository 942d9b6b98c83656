"""What an application server asks of a push service, and a device: the headers of RFC 8030, read and checked."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from enum import IntEnum

from rtlab.errors import BadInput

# Link relations (RFC 8030 §9.1)
PUSH, SET, RECEIPT = "urn:ietf:params:push", "urn:ietf:params:push:set", "urn:ietf:params:push:receipt"


def token() -> str:
    """A name that nobody can guess: 128 bits (RFC 8030 §8.3 asks for 120 at least)."""
    return secrets.token_urlsafe(16)


class Urgency(IntEnum):
    """RFC 8030, Section 5.3 – Push Message Urgency: in which state of the device a message is worth waking it."""

    VERY_LOW = 0  # on power and Wi-Fi: an advertisement
    LOW = 1  # on power or Wi-Fi: a topic's update
    NORMAL = 2  # on neither: a chat or calendar message
    HIGH = 3  # battery low: a call that comes in, an alarm

    @property
    def text(self) -> str:
        """As the header has it."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def parse(cls, text: str) -> Urgency:
        """Read the header. Raises BadInput for another word, or more than one."""
        by_text = {level.text: level for level in cls}
        if (level := by_text.get(text.strip().lower())) is None:
            raise BadInput(f"Urgency is {text[:40]!r}: use one of {', '.join(by_text)} (RFC 8030 §5.3)")
        return level


def read_ttl(text: str | None, longest: int) -> int:
    """The seconds that a message may wait, at most `longest`. Raises BadInput where it is missing (RFC 8030 §5.2)."""
    if text is None:
        raise BadInput("TTL is missing: say for how many seconds the message may wait, TTL: 0 for not at all")
    if not re.fullmatch(r"[0-9]{1,18}", text.strip(), re.ASCII):
        raise BadInput(f"TTL is {text[:40]!r}: give whole seconds, 0 or more (RFC 8030 §5.2)")
    return min(int(text), longest)


def read_topic(text: str | None) -> str | None:
    """The topic, which a newer message of the same name replaces. Raises BadInput (RFC 8030 §5.4)."""
    if text is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", text, re.ASCII):
        raise BadInput(f"Topic is {text[:40]!r}: use 1 to 32 of A-Z a-z 0-9 - _ (RFC 8030 §5.4)")
    return text


def read_links(values: list[str]) -> Mapping[str, str]:
    """The targets of `Link` headers by relation (RFC 8288 §3), as far as RFC 8030 uses them."""
    links = re.findall(r'<([^<>]*)>\s*;\s*rel="?([^",;\s]+)"?', ", ".join(values))
    return {relation: target for target, relation in links}


def link(target: str, relation: str) -> str:
    """Write a `Link` header."""
    return f'<{target}>; rel="{relation}"'


def wants_receipt(prefer: str) -> bool:
    """Whether `Prefer` has `respond-async`: tell me when the device has it (RFC 8030 §5.1, RFC 7240 §4.1)."""
    return any(part.partition(";")[0].strip().lower() == "respond-async" for part in prefer.split(","))
