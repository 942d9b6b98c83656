"""The wire contract, line by line: what a reader and a publisher may rely on, whoever wrote the server."""

from __future__ import annotations

import re

TEXT = """
# Publishing
publish: `POST /channels/NAME/events` with `application/json` is answered with `201`, `{"id": CURSOR}` and a
    `Location` where GET finds the event
data: `data` is any JSON and comes back as it was; what is no JSON, NaN, Infinity and lone surrogates are
    `400`, another type of content is `415`
event: an event is `{"id", "time", "data"}`; its `id` is a cursor, its `time` RFC 3339 in UTC with
    milliseconds
key: a repeat with the same `Idempotency-Key` is answered `200` with the first one's id, and appended once
key reused: the same `Idempotency-Key` with another body is `422`, and nothing is appended
names: a channel's name has 1 to 64 of `A-Z a-z 0-9 . _ -`; another is `400`
log: a channel's log is made by its first publish and not by reading; until then its cursor is `new.0`

# Polling
poll: `GET /channels/NAME/events?after=CURSOR` is answered with `{"events": [...], "cursor": CURSOR, "gap":
    null or {"missed", "cursor"}}`
limit: with `limit=N` an answer has at most N events, and its cursor stands behind the last of them
etag: the `ETag` of an answer to a poll is `"CURSOR"`, the cursor of the answer
304: with `If-None-Match` the answer is `304` if and only if its ETag would be one of those named
wait: with `wait=SECONDS` a poll is held until there is an event, at most that long; then `200` without
    events, or `304` if asked with `If-None-Match`
prefer: `Prefer: wait=SECONDS` holds a poll too and is told so by `Preference-Applied`; `wait` comes before it

# Server-sent events
stream opens: `GET /channels/NAME/stream` is `text/event-stream`; first a block with `id: CURSOR` and no data
stream: each event is a block of `id` and `data`, and `data` is the event as JSON
stream gap: a gap is a block `event: gap` with `{"missed", "cursor"}` as data and that cursor as `id`
heartbeat: a stream and a socket on which nothing happens give a sign of life: a comment, a ping

# WebSocket
socket opens: `GET /channels/NAME/socket` with `Upgrade: websocket` is `101`; first comes `{"type": "open",
    "cursor"}`
socket: each event is a text message `{"type": "event", "id", "time", "data"}`
socket gap: a gap is `{"type": "gap", "missed", "cursor"}`
socket publish: `{"type": "publish", "data", "ref", "key"}` is acknowledged by `{"type": "published", "ref",
    "id"}`
socket error: what is wrong in a message is answered with `{"type": "error", "ref", "problem"}`, and the
    socket goes on
socket close: what is wrong on the socket ends it with the matching code: 1002, 1003, 1007; a Close is
    answered
socket handshake: a request for a socket that is no handshake is `426` with `Upgrade: websocket`, or `400`

# Where a reader is
position: a reader's position is `Last-Event-ID`, else `after`, else the cursor in `If-None-Match`, else now
words: `after` also takes `now`, `start` (the oldest kept) and `last` (the newest kept first)
cursor: what cannot be a cursor is `400`
nothing lost: a reader that goes on from its last cursor has each event once and in order, on every technique
    and from one technique to another
gap: a cursor that belongs to another log, or has fallen out of the window, is answered with a gap before the
    oldest event that is left; `missed` is exact, or null where it cannot be known

# The rest of HTTP
channels: `GET /channels` lists the channels that have a log
healthz: `GET /healthz` is `200` while the server lives
metrics: `GET /metrics` is Prometheus's text format
head: `HEAD` is answered with what GET's head would be, without a body and without being held
options: `OPTIONS` is answered with the methods in `Allow`
405: another method is `405` with `Allow`
404: what is not there is `404`
413: a body that is too large is `413`, and for who asks with `Expect` before the body is sent
problem: what is wrong with a request is said in `application/problem+json`: status, title, detail (RFC 9457)
malformed: a head that cannot be understood is `400` or the end of the connection
host: `Host` has to be the server's own name: another one is refused (DNS rebinding)
origin: `Origin`, where there is one, has to be the server's own or a listed one: another one is refused
token: a server that wants a token answers `401` with `WWW-Authenticate` to who has none
"""

LINES = {
    name: " ".join(said.split())
    for name, said in re.findall(r"^([\w ]+): (.*(?:\n    .*)*)", TEXT, re.MULTILINE)
}
