"""For tests of pages: a server process with applications, a tap before it, and Chromium pages that are watched.

def test_…(site, by):
    with site("chat") as it:
        page = it.page("chat", by=by)
        it.publish("chat.lobby", {…})
        it.restart()
        it.check()
"""

import json
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rtlab.clients import publish
from rtlab.wire.exchange import messages
from rtlab.wire.tap import Tap

TECHNIQUES = ("short", "adaptive", "long", "sse", "websocket")
SECONDS = 20.0  # that anything may take
SERVE = "from rtlab.cli import main; main()"
AWAY = re.compile(
    r"net::ERR_[A-Z_]+|WebSocket connection to .* failed"
)  # the browser's own lines, by their names

# How a page is built: the place and attributes of each kind of element on it, whatever it says, and however often.
BUILT = r"""() => {
    const place = element => element ? `${place(element.parentElement)}>${element.localName}` : "";
    const plain = ({name, value}) => /^(value|href|src|title|content)$/.test(name) ? `${name}:${value !== ""}`
        : /^data-(page|latency-ms)$/.test(name) ? name : `${name}=${value.replace(/[0-9a-f]*[0-9][0-9a-f.]*/g, "0")}`;
    const has = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== "");
    const kinds = [...document.querySelectorAll("*")].map(element =>
        [place(element), ...[...element.attributes].map(plain), has(element)].join(" "));
    return [innerWidth, matchMedia("(prefers-color-scheme: dark)").matches, ...new Set(kinds)].join("\n");
}"""
looked_at: set[str] = set()  # what was built so, and has been found easy to use

expect.set_options(timeout=1000 * SECONDS)


@pytest.fixture(params=TECHNIQUES)
def by(request: pytest.FixtureRequest) -> str:
    """Each technique in turn."""
    return str(request.param)


@pytest.fixture
def page(browser: Browser) -> Iterator[Any]:
    """A page in a browser context of its own, with the faults that its console told of."""
    page: Any = browser.new_context().new_page()
    page.faults = []
    page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    page.context.close()


@pytest.fixture
def site(browser: Browser) -> Callable[..., "Site"]:
    """Make a server with some applications; further arguments are options of `rtlab serve`."""
    return lambda *apps, options=(): Site(browser, apps, options)


class Site:
    """A server process with applications behind a tap, and the pages that look at it."""

    def __init__(self, browser: Browser, apps: tuple[str, ...], options: tuple[str, ...]) -> None:
        self.browser, self.options = browser, list(options)
        self.apps = [part for app in apps for part in ("--app", app)]
        self.faults: list[str] = []
        self.tolerated: list[re.Pattern[str]] = []
        self.pages: list[Any] = []
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Site":
        self.start()
        self.tap = Tap(("127.0.0.1", self.port)).start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        try:
            for page in self.pages:
                page.context.close()
        finally:
            self.kill()
            self.tap.close()

    def start(self) -> None:
        """Start the server, on the port that it had."""
        command = [sys.executable, "-W", "error", "-c", SERVE, "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, *self.apps, *self.options], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], SECONDS)[0], "the server does not start"
        found = re.search(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        assert found is not None, "the server did not start"
        self.port = int(found[1])

    def kill(self) -> None:
        """End the server at once, as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def restart(self, away: float = 0.3) -> None:
        """Kill the server, and start another a moment later; what the browser says of that is tolerated."""
        self.tolerate(AWAY)
        self.kill()
        time.sleep(away)
        self.start()

    @property
    def url(self) -> str:
        """The server through the tap."""
        return f"http://127.0.0.1:{self.tap.address[1]}"

    def tolerate(self, pattern: str | re.Pattern[str]) -> None:
        """Lines on a page's console that are no fault from now on."""
        self.tolerated.append(re.compile(pattern))

    def publish(self, channel: str, data: Any, key: str | None = None) -> str:
        """Publish past the tap; the event's id."""
        return publish(f"http://127.0.0.1:{self.port}/channels/{channel}", data, key)

    def page(
        self, app: str | None = None, by: str = "auto", *, options: dict[str, Any] | None = None, **query: Any
    ) -> Any:
        """A page in a browser context of its own, with `.meter()`; `app` None: one without an application."""
        page: Any = self.browser.new_context(**options or {}).new_page()
        self.pages.append(page)
        page.on("console", lambda line: self._said(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._said(f"error: {error}"))
        page.meter = lambda: meter(page)
        asked = "&".join(f"{name}={value}" for name, value in {"by": by, **query}.items())
        page.goto(f"{self.url}/apps/" + ("" if app is None else f"{app}/?{asked}"))
        return page

    def _said(self, line: str) -> None:
        if not any(pattern.search(line) for pattern in self.tolerated):
            self.faults.append(line)

    def wire(self, page: Any) -> tuple[int, int]:
        """What the tap saw for a page's readers and publishers: requests, and bytes both ways."""
        mine: dict[int, bool] = {}  # connection → whether its current request is this page's
        requests = size = 0
        mark = f"page={page.meter()['page']}-"
        for message in messages(self.tap.record):
            if message.kind == "request":
                mine[message.connection] = mark in message.label
                requests += mine[message.connection]
            if mine.get(message.connection):
                size += message.size
        return requests, size

    def check(self, themes: tuple[str, ...] = ("light", "dark")) -> None:
        """No fault on any page's console, and nothing on it that axe finds hard to use, light or dark."""
        assert self.faults == []
        for page in self.pages:
            for theme in themes:
                page.emulate_media(color_scheme=theme)
                assert axe(page) == []
            page.emulate_media(color_scheme=None)


def meter(page: Page) -> dict[str, Any]:
    """What the meter's element says, numbers as numbers; `latency-ms` None where there is none yet."""
    found: dict[str, str] = page.evaluate("({...document.querySelector('#meter').dataset})")
    numbers = {name: int(found.get(name, 0)) for name in ("events", "requests", "bytes")}
    late = found.get("latencyMs") or None
    return {**found, **numbers, "latency-ms": None if late is None else float(late)}


def axe(page: Page) -> list[str]:
    """What axe-core finds, one sentence for each rule broken; a page built like an earlier one is not looked at again.

    A second or two for each page and theme is most of what these tests would take, and techniques differ in none.
    """
    if (built := page.evaluate(BUILT)) in looked_at:
        return []
    if not (found := Axe().run(page).response["violations"]):
        looked_at.add(built)
    return [f"{rule['help']}: {json.dumps([node['html'] for node in rule['nodes']])[:600]}" for rule in found]


def until(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait for something to hold; the assertion that follows says what did not."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
