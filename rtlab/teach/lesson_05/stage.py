"""A stage for a browser's `EventSource`: a page that opens some, and a server that answers them by a script.

The lab's own server is well-behaved. To see when a browser gives up, one needs a server that is not.
"""

import select
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rtlab.browser import browser_url

PAGE = Path(__file__).with_name("stage.html")
RETRY = 100  # milliseconds that a browser waits before it connects again
LOOK_SECONDS = 0.05  # between two looks whether a held stream is over

Answer = str | int


@dataclass(frozen=True)
class Asked:
    """One request for a stream: the `Last-Event-ID` that it brought, and what it was answered with."""

    last_event_id: str
    answer: Answer


class Stage:
    """Serves the page at `/`, and at `/stream` one answer of `script` after the other; behind its end, the last again.

    An answer is `"cut"` (an event, then the end of the connection), `"hold"` (an event, and the stream stays open),
    `"html"` (a 200 that is no event stream) or a status, such as 500.
    """

    def __init__(self, script: Sequence[Answer] = ("hold",)) -> None:
        self.script = tuple(script)
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._turn = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stage, self._server.busy = self, set()
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(LOOK_SECONDS,), name="rtlab-stage", daemon=True
        )
        self._thread.start()

    def browser_url(self, streams: int = 1) -> str:
        """The URL of the page for a browser; `streams`: how many `EventSource`s it opens."""
        return browser_url(self._server.server_address[1], f"/?streams={streams}")

    @property
    def url(self) -> str:
        """The server, for clients on this machine."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next_answer(self, last_event_id: str) -> tuple[int, Answer]:
        """Note a request for a stream; return its number, from 1, and what to answer."""
        with self._turn:
            answer = self.script[min(len(self.asked), len(self.script) - 1)]
            self.asked.append(Asked(last_event_id, answer))
            return len(self.asked), answer

    def close(self) -> None:
        """End all streams and stop; safe to call again."""
        if not self.closing.is_set():
            self.closing.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            for thread in list(self._server.busy):
                thread.join()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    """Its threads are daemons, so that a stage that nobody closed does not keep Python from ending."""

    stage: Stage
    busy: set[threading.Thread]

    def process_request_thread(self, *request: Any) -> None:
        """Serve one connection, in its own thread."""
        self.busy.add(threading.current_thread())
        super().process_request_thread(*request)
        self.busy.discard(threading.current_thread())

    def handle_error(self, *_request: Any) -> None:
        """Say nothing where a browser has left: a thread must not write into a notebook's cell."""


class _Handler(BaseHTTPRequestHandler):
    """One connection, one request: each answer ends with its connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 2.0  # s for a request to arrive: a browser opens connections in advance

    def do_GET(self) -> None:
        """Answer with the page, the next answer of the script, or a word."""
        resource = urlsplit(self.path).path
        if resource == "/":
            self._answer(200, "text/html; charset=utf-8", PAGE.read_bytes())
        elif resource == "/stream":
            self._stream()
        elif resource == "/word":
            self._answer(200, "text/plain", b"hello")
        else:
            self._answer(404, "text/plain", b"")

    def _stream(self) -> None:
        number, answer = self.server.stage.next_answer(self.headers.get("Last-Event-ID", ""))
        if isinstance(answer, int):
            self._answer(answer, "text/plain", b"")
            return
        if answer == "html":
            self._answer(200, "text/html", b"<p>The server is being repaired.")
            return
        event = f"retry: {RETRY}\nid: {number}\ndata: {number}\n\n"
        self._answer(200, "text/event-stream", event.encode())
        if answer == "hold":
            self._hold()

    def _hold(self) -> None:
        """Keep the stream open until the browser leaves or the stage closes."""
        while not self.server.stage.closing.is_set():
            if select.select([self.connection], [], [], LOOK_SECONDS)[0]:
                return

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a thread must not write into a notebook's cell."""
