"""One arrow of the space-time diagram, and what the requests and answers of rtlab's server say of themselves."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import h11

BODY_KEPT = 64 * 1024  # bytes of a body that a message keeps, at most

RESOURCE = re.compile(r"/channels/([^/]+)/(events|stream|socket)$")
AGENT = re.compile(r"rtlab \((short|adaptive|long)\)")  # without it adaptive polling looks like "short"
ENGINE_IO = re.compile(r"(?:^|&)EIO=4(?:&|$)")  # in the query of each of its requests
WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*"?(\d+)', re.IGNORECASE)  # RFC 7240, section 4.3


@dataclass(frozen=True)
class Message:
    """Something that crossed the connection as a whole. Each byte of it belongs to exactly one message.

    `kind` is one of: connect; request, response; handshake (the 101); event and heartbeat, the blocks and comments
    of an event stream; frame, of a WebSocket; chunk, any other bytes (the start and end of a stream, what cannot be
    understood: label "?", or is not all there: label "unfinished"); close, a FIN or RST.
    """

    kind: str
    direction: str  # "up" (client to server) or "down"
    connection: int
    left: int  # ns: its last byte left the sender
    arrived: int  # ns: its last byte was handed to the receiver
    size: int  # bytes on the connection, heads and chunk sizes included
    label: str = ""  # for people: "GET /channels/news/events", "304", "ping", "close 1000", "fin"
    channel: str | None = None
    technique: str | None = None  # as the reader names itself in User-Agent, else as far as the request tells
    events: tuple[str, ...] = ()  # ids of the log's events that it carries
    head: bytes = b""  # the HTTP head or the first frame's header, as it was sent
    body: bytes = b""  # decoded: without chunk sizes and masks, inflated; the first 64 KiB
    saved: int = (
        0  # bytes that compression took off its frames' payloads; their length fields are not counted
    )


@dataclass(frozen=True)
class Asked:
    """What a request says that matters for reading its answer; the defaults where nobody saw the request."""

    label: str = ""
    method: str = "GET"
    channel: str | None = None
    technique: str | None = None
    upgrade: bool = False  # the answer may be a 101
    engine_io: bool = False  # what follows is Engine.IO's, with Socket.IO in it

    @classmethod
    def by(cls, request: h11.Request) -> "Asked":
        """From the request's head."""
        headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        method, target = request.method.decode(), request.target.decode("latin-1")
        upgrade = "websocket" in headers.get("upgrade", "").lower()
        parts = urlsplit(target)
        engine_io = ENGINE_IO.search(parts.query) is not None
        if found := RESOURCE.search(parts.path):
            channel, technique = unquote(found[1]), _technique(found[2], method, parts.query, headers)
        else:
            channel, technique = None, _elsewhere(upgrade, engine_io and method == "GET", headers)
        return cls(f"{method} {target}", method, channel, technique, upgrade, engine_io)


def _elsewhere(upgrade: bool, polls: bool, headers: dict[str, str]) -> str | None:
    """The technique of a request for something that is no channel: Engine.IO's polls are long ones."""
    is_stream = "event-stream" in headers.get("accept", "")
    return "websocket" if upgrade else "long" if polls else "sse" if is_stream else None


def _technique(resource: str, method: str, query: str, headers: dict[str, str]) -> str | None:
    if method not in ("GET", "HEAD"):
        return None
    if resource != "events":
        return {"stream": "sse", "socket": "websocket"}[resource]
    if named := AGENT.match(headers.get("user-agent", "")):
        return named[1]
    prefer = WAIT.search(headers.get("prefer", ""))
    wait = parse_qs(query).get("wait", [prefer[1] if prefer else "0"])[0]
    return "short" if re.fullmatch(r"0*\.?0*", wait) else "long"


def events_of_answer(body: bytes) -> tuple[tuple[str, ...], bool]:
    """The ids of the events in a poll's answer, and whether it tells of a gap."""
    answer = as_object(body)
    events = answer.get("events")
    ids = [event.get("id") for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return tuple(id for id in ids if isinstance(id, str)), answer.get("gap") is not None


def as_object(data: bytes) -> dict[str, Any]:
    """JSON as a dictionary; an empty one for anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
