"""Publishing and polling as the contract has them, on the standard library alone; with a fault, if one is asked for.

It shares nothing with rtlab: the suite should find it right, and each fault wrong, by its URL.
"""

from __future__ import annotations

import json
import re
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# What can be wrong → the line of the contract that it breaks.
FAULTS = {
    "forgets what comes between an answer and the next request": "nothing lost",
    "tags every answer with its number": "etag",
    "is silent about what is lost": "gap",
    "appends a repeat": "key",
    "answers a held poll at once": "wait",
    "says nothing of what was wrong": "key reused",
    "calls a large body a wrong one": "413",
}
FORGETS, NUMBERS, SILENT, REPEATS, HASTY, MUTE, VAGUE = FAULTS
MOST = 1 << 20  # bytes of a body


class Channels:
    """The logs: each a list of events whose ids are `LOG.1`, `LOG.2` …"""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.logs: dict[str, list[dict[str, Any]]] = {}
        self.keys: dict[tuple[str, str], dict[str, Any]] = {}

    def append(self, name: str, data: Any) -> dict[str, Any]:
        with self.changed:
            log = self.logs.setdefault(name, [])
            now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            log.append({"id": f"small.{len(log) + 1}", "time": now, "data": data})
            self.changed.notify_all()
            return log[-1]


class Refusal(Exception):
    """A status and why."""


class Small(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    channels: Channels
    fault: str | None
    prefix: str  # a path before all paths, as behind a proxy

    def do_POST(self) -> None:
        self.guarded(self.publish)

    def do_GET(self) -> None:
        self.guarded(self.read)

    def guarded(self, work: Any) -> None:
        try:
            path = urlsplit(self.path)
            self.query = {name: values[-1] for name, values in parse_qs(path.query, True).items()}
            name = r"/channels/([A-Za-z0-9._-]{1,64})/events"
            if len(self.headers.get_all("Host", [])) != 1:
                raise Refusal(400, "give one Host")  # and the connection goes on, as it may
            found = re.fullmatch(re.escape(self.prefix) + name, path.path)
            if not found:
                raise Refusal(404, f"there is nothing at {path.path}")
            work(found[1])
        except Refusal as refusal:
            status, detail = refusal.args
            problem = {"status": status, "title": "Refused", "detail": "" if self.fault == MUTE else detail}
            self.tell(status, problem, kind="application/problem+json")

    def tell(self, status: int, body: Any, kind: str = "application/json", **headers: str) -> None:
        content = b"" if status == 304 else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def publish(self, name: str) -> None:
        if (size := int(self.headers["Content-Length"] or 0)) > MOST:
            self.close_connection = True
            raise Refusal(400 if self.fault == VAGUE else 413, f"a body has at most {MOST} bytes")
        body = self.rfile.read(size)
        try:
            data = json.loads(body)
        except ValueError:
            raise Refusal(400, "this is not JSON: see RFC 8259") from None
        key = name, self.headers["Idempotency-Key"] or ""
        known = self.channels.keys.get(key) if key[1] and self.fault != REPEATS else None
        if known and known["data"] != data:
            raise Refusal(422, f"the key {key[1]!r} has stood for something else")
        event = known or self.channels.append(name, data)
        self.channels.keys[key] = event
        place = f"{self.prefix}/channels/{name}/events/{event['id']}"
        self.tell(200 if known else 201, {"id": event["id"]}, Location=place)

    def read(self, name: str) -> None:
        wait = float(self.query.get("wait", "0"))
        with self.channels.changed:
            position, gap = self.position(name)
            deadline = time.monotonic() + wait
            if wait and gap is None and self.fault == FORGETS:
                position = len(self.log(name))  # as if only what comes from now on counted
            while (
                len(self.log(name)) == position
                and gap is None
                and self.fault != HASTY
                and (left := deadline - time.monotonic()) > 0
            ):
                self.channels.changed.wait(left)
            self.answer(name, position, gap)

    def answer(self, name: str, position: int, gap: dict[str, Any] | None) -> None:
        log = self.log(name)
        events = log[position : position + int(self.query.get("limit", "1000"))]
        end = position + len(events)
        cursor = f"small.{end}" if log else "new.0"
        tag = f'"{id(events)}"' if self.fault == NUMBERS else f'"{cursor}"'
        asked = self.headers["If-None-Match"] or ""
        known = asked.strip() == "*" or tag in re.findall(r'"[^"]*"', asked)
        self.tell(304 if known else 200, {"gap": gap, "cursor": cursor, "events": events}, ETag=tag)

    def log(self, name: str) -> list[dict[str, Any]]:
        return self.channels.logs.get(name, [])

    def position(self, name: str) -> tuple[int, dict[str, Any] | None]:
        log = self.log(name)
        tag = re.fullmatch(r'(?:W/)?"([^"]*)"', self.headers["If-None-Match"] or "")
        after = self.headers["Last-Event-ID"] or self.query.get("after", tag[1] if tag else "now")
        words = {"now": len(log), "start": 0, "last": max(0, len(log) - 1), "new.0": 0}
        if after in words:
            return words[after], None
        cursor = re.fullmatch(r"([0-9a-z]+)\.(\d+)", after)
        if cursor is None:
            raise Refusal(400, f"{after!r} is not a cursor: use one of an answer's")
        if log and cursor[1] == "small" and int(cursor[2]) <= len(log):
            return int(cursor[2]), None
        gap = {"missed": None, "cursor": "small.0" if log else "new.0"}
        return 0, None if self.fault == SILENT else gap

    def log_message(self, *_arguments: Any) -> None:
        """Keep quiet."""


class SmallServer:
    """A running one, on a free port of this machine, until `close`."""

    def __init__(self, fault: str | None = None, prefix: str = "") -> None:
        handler = type("Handler", (Small,), {"channels": Channels(), "fault": fault, "prefix": prefix})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}{prefix}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        """Stop listening; the connections' threads end with their clients."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
