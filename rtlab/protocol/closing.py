"""How a WebSocket ends: the close frame's payload, and who may still speak (RFC 6455, sections 5.5.1 and 7).

Each side sends one close frame, its last. When both have, the server hangs up the TCP connection first (7.1.1).
"""

from dataclasses import dataclass
from enum import Enum

from rtlab.errors import LocalProtocolError, ProtocolError
from rtlab.protocol.frames import CloseCode, may_be_sent


class State(Enum):
    """Where the closing handshake stands, as seen from one end."""

    OPEN = "open"
    CLOSE_SENT = "close sent"
    CLOSE_RECEIVED = "close received"
    FAILED = "failed"  # the peer broke the protocol: it is told so, and not listened to (7.1.7)
    CLOSED = "closed"


# All that can change the state.
TRANSITIONS = {
    (State.OPEN, "send close"): State.CLOSE_SENT,
    (State.OPEN, "receive close"): State.CLOSE_RECEIVED,
    (State.OPEN, "fail"): State.FAILED,
    (State.CLOSE_SENT, "receive close"): State.CLOSED,
    (State.CLOSE_SENT, "fail"): State.CLOSED,
    (State.CLOSE_RECEIVED, "send close"): State.CLOSED,
    (State.FAILED, "send close"): State.CLOSED,
}
# Who has said close listens on until the peer has said it too; who has not said it may finish what it was saying.
READING = {State.OPEN, State.CLOSE_SENT}
WRITING = {State.OPEN, State.CLOSE_RECEIVED, State.FAILED}


@dataclass(frozen=True)
class Close:
    """The last frame of one side. `code` None: the frame carried none (what an API reports as 1005)."""

    code: int | None = None
    reason: str = ""


def read_close(payload: bytes) -> Close:
    """Read a close frame's payload: nothing, or two bytes of code and a reason in UTF-8.

    Raises `ProtocolError` for any other.
    """
    if not payload:
        return Close()
    if len(payload) == 1:
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "close payload of 1 byte: a code has 2")
    code = int.from_bytes(payload[:2], "big")
    if not may_be_sent(code):
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, f"close code {code} must not be sent")
    try:
        return Close(code, payload[2:].decode())
    except UnicodeDecodeError as error:
        reason = f"close reason is not UTF-8: {error.reason}"
        raise ProtocolError(CloseCode.INVALID_PAYLOAD, reason) from None


def write_close(close: Close) -> bytes:
    """Write a close frame's payload. Raises `LocalProtocolError` for a code that is never sent."""
    if close.code is None and not close.reason:
        return b""
    if close.code is None or not may_be_sent(close.code):
        raise LocalProtocolError(
            CloseCode.PROTOCOL_ERROR,
            f"close code {close.code} is never sent: use 1000 for a normal end, one of 3000 to 4999 for your own",
        )
    return close.code.to_bytes(2, "big") + close.reason.encode()
