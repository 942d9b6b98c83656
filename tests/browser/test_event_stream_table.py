"""The table of odd event streams read by a real browser's `EventSource`: the third opinion on each case."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from rtlab.protocol.event_stream import StreamEvent

from ..protocol.event_stream_cases import DIFFERS, STREAMS, events

NAMES = list(STREAMS)
TYPES = sorted({event.event for _, items, _ in STREAMS.values() for event in events(items)})
# Opens a source for each case, a few at a time: a browser has six connections for a host. Each is asked for a second
# time when its stream has ended, and is then told to stop by a 204.
PAGE = """<!doctype html><script>
const types = TYPES, seen = [];
function read(number) {
  return new Promise((done) => {
    const source = new EventSource(`/stream/${number}`), got = (seen[number] = []);
    for (const type of types)
      source.addEventListener(type, ({data, lastEventId}) => got.push([data, type, lastEventId]));
    source.onerror = () => source.readyState === EventSource.CLOSED && done();
  });
}
async function work(numbers) { for (const number of numbers) await read(number); }
window.onload = async () => {
  const numbers = Array.from({length: COUNT}, (_, number) => number);
  await Promise.all([0, 1, 2, 3, 4].map((lane) => work(numbers.filter((number) => number % 5 === lane))));
  window.seen = seen;
};
</script>"""


class Streams(BaseHTTPRequestHandler):
    """Says a case's stream, a byte in each chunk where it is short; then nothing more, and notes what was asked."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    came_back: dict[int, str]

    def do_GET(self) -> None:
        if not self.path.startswith("/stream/"):
            page = PAGE.replace("TYPES", json.dumps(TYPES)).replace("COUNT", str(len(NAMES))).encode()
            self.answer(200, "text/html", page if self.path == "/" else b"")
            return
        number = int(self.path.removeprefix("/stream/"))
        if number in self.came_back:
            # A header's bytes are read as Latin-1; the browser has written UTF-8.
            self.came_back[number] = self.headers.get("Last-Event-ID", "").encode("latin-1").decode()
            self.send_response(204)
            self.end_headers()
            return
        self.came_back[number] = "it did not come back"
        self.stream(STREAMS[NAMES[number]][0])

    def stream(self, data: bytes) -> None:
        # A last line that asks to come back at once, behind a comment that does nothing; neither ends a block.
        data += (b"" if data.endswith((b"\n", b"\r")) or not data else b"\n") + b":\nretry: 1\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        step = 1 if len(data) < 1000 else 10_000
        for at in range(0, len(data), step):
            piece = data[at : at + step]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Streams,), {"came_back": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_reads_the_table_alike_or_it_says_why_not(
    chromium: str, server: ThreadingHTTPServer
) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
        page.wait_for_function("window.seen !== undefined")
        seen = page.evaluate("window.seen")
        browser.close()
    came_back: dict[int, str] = server.RequestHandlerClass.came_back  # type: ignore[attr-defined]
    assert len(seen) == len(STREAMS)
    found = {
        name: ([StreamEvent(*event) for event in seen[number]], came_back[number])
        for number, name in enumerate(NAMES)
    }
    # A header's value has no spaces around it (RFC 9110, section 5.5).
    expected = {name: (events(items), last_id.strip()) for name, (_, items, last_id) in STREAMS.items()}
    differ = {name: found[name] for name in NAMES if found[name] != expected[name]}
    assert set(differ) == set(DIFFERS["chromium"]), differ
