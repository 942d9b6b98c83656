"""A page of another origin in real Chromium: what it gets of lesson 11's unprotected server, and of rtlab's nothing.

The page is the lesson's own (`elsewhere.html`), the unprotected server is the one in the lesson's cells. It stands at
another port (another origin, the same site, so that cookies go along) and at another name (another site).
"""

import json
import re
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright
from tornado.web import RequestHandler

from rtlab import publish
from rtlab.server.thread import ServerThread
from rtlab.teach.lesson_11.checklist import refusing
from rtlab.teach.lesson_11.elsewhere import PAGE, Elsewhere
from rtlab.teach.lesson_11.hosting import Hosted
from rtlab.teach.lesson_11.recorded import CHROMIUM

LESSON = Path(__file__).parents[2] / "notebooks" / "11_who_may_listen.ipynb"
SECRET = "Dear diary"
REBOUND = "rebound.test"
HOSTS = ("127.0.0.1", "localhost")  # of the hostile page: the target's own name, and another one
WRITES = ("socket-publish", "form", "beacon", "simple", "simple-cookies", "json")
READS = ("socket", "stream", "stream-cookies", "read", "read-cookies", "read-opaque", "long")


@pytest.fixture(scope="module")
def browser(chromium):
    # Chromium asks its user before a page of the public network may reach a local one; older and other browsers do not.
    arguments = [
        "--no-sandbox",
        "--disable-features=LocalNetworkAccessChecks",
        f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def elsewhere():
    with Elsewhere() as server:
        yield server


@pytest.fixture
def diary():
    """The lesson's server, from its cells, and what they define."""
    cells = ["".join(cell["source"]) for cell in json.loads(LESSON.read_text())["cells"]]
    names = {"Hosted": Hosted, "refusing": refusing, "__name__": "lesson", "seen": []}
    for mark in ('def guard(request, does):\n    """Return None', "class Socket(Guarded"):
        exec(next(cell for cell in cells if mark in cell), names)
    names["guard"] = lambda request, does: names["seen"].append(request) if does == "read" else None
    kinds = {"": "Page", "channels/diary/events": "Events", "channels/diary/stream": "Stream"}
    routes = [
        ("/" + path, names[kind]) for path, kind in (kinds | {"channels/diary/socket": "Socket"}).items()
    ]
    with Hosted(routes, "diary") as server:
        yield server, names


@pytest.fixture
def guarded():
    with closing(ServerThread()) as server:
        publish(f"{server.url}/channels/diary", SECRET)
        yield server


def visit(page, elsewhere, target, host):
    """Open the hostile page at a name, aimed at a server; what each attempt got, and what its frame shows."""
    query = urlencode({"target": target}, safe=":/")
    page.goto(f"http://{host}:{elsewhere.port}/?{query}")
    page.locator("body[data-done=true]").wait_for()
    expect(page.locator("tbody td:last-child", has_text="…").filter(has_text="^…$")).to_have_count(0)
    rows = page.locator("tbody tr")
    got = {row.get_attribute("id"): row.locator("td").last.inner_text() for row in rows.all()}
    frame = page.frame("framed")
    return got, "" if frame is None or frame.url.startswith("chrome-error:") else frame.content()


def log_in(page, url):
    """Open the target's own page first, so that its cookie is there, as for somebody who uses it."""
    page.goto(url)
    page.context.add_cookies([{"name": "session", "value": "ann", "url": url}])


def column(got, frame, written):
    """What the lesson's table says of each attempt."""
    outcome = {}
    for what, said in got.items():
        if what == "frame":
            outcome[what] = "button" in frame
        elif what in WRITES:
            outcome[what] = what.replace("socket-publish", "by WebSocket") in written
        else:
            outcome[what] = said.startswith(("heard", "read"))
    return outcome


@pytest.mark.parametrize("shared", [False, True], ids=["as it is", "with the line from the web"])
@pytest.mark.parametrize("host", HOSTS)
def test_the_unprotected_server_is_read_written_and_framed(page, elsewhere, diary, host, shared):
    server, names = diary
    if shared:
        names["extra"]["Access-Control-Allow-Origin"] = "*"
    log_in(page, server.url)
    got, frame = visit(page, elsewhere, server.url, host)
    written = " ".join(names["said"][1:])
    outcome = column(got, frame, written)
    recorded = {what: row[shared] for what, row in CHROMIUM.items()}
    assert outcome == recorded
    sockets = [seen for seen in names["seen"] if seen.path.endswith("socket")]
    assert [seen.headers["Origin"] for seen in sockets] == [f"http://{host}:{elsewhere.port}"]
    assert ("session" in sockets[0].cookies) is (host == "127.0.0.1")  # the same site: cookies know no ports


@pytest.mark.parametrize("cookies", [True, False], ids=["with cookies", "without"])
@pytest.mark.parametrize("host", HOSTS)
def test_rtlab_is_not(page, elsewhere, guarded, host, cookies):
    if cookies:
        log_in(page, guarded.url)
    got, frame = visit(page, elsewhere, guarded.url, host)
    kept = guarded.server.channels.by_name["diary"].log.read("start").events
    outcome = column(got, frame, json.dumps([event.data for event in kept[1:]]))
    assert outcome == dict.fromkeys(outcome, False) == {what: row[2] for what, row in CHROMIUM.items()}
    assert [event.data for event in kept] == [SECRET]


def test_a_listed_origin_is_let_in_and_so_the_test_above_can_fail(page, elsewhere):
    listed = f"http://127.0.0.1:{elsewhere.port}"
    with closing(ServerThread(allow_origins=[listed])) as server:
        publish(f"{server.url}/channels/diary", SECRET)
        got, frame = visit(page, elsewhere, server.url, "127.0.0.1")
        kept = server.server.channels.by_name["diary"].log.read("start").events
    assert "heard" in got["socket"], got
    assert "heard" in got["stream"]
    assert got["read"].startswith("read:")
    assert "<title>" in frame
    assert {"by WebSocket", "json"} <= {event.data for event in kept}


def test_a_rebound_name_reads_the_unprotected_server_and_not_rtlab(page, diary, guarded):
    unprotected, names = diary
    for server, reads in ((unprotected, True), (guarded, False)):
        port = urlsplit(server.url).port
        origin = f"http://{REBOUND}:{port}"
        # The page comes while the name still points elsewhere; what it asks for afterwards goes to the target.
        page.route(
            re.compile(re.escape(origin) + r"/\?target="),
            lambda route: route.fulfill(body=PAGE.read_text(), content_type="text/html"),
        )
        page.goto(f"{origin}/?" + urlencode({"target": origin}, safe=":/"))
        page.locator("body[data-done=true]").wait_for()
        row = page.locator("#read td").last
        assert row.inner_text().startswith("read") is reads, row.inner_text()
        assert page.locator("#socket td").last.inner_text().startswith("heard" if reads else "closed")
    assert any("json" in text for text in names["said"])
    assert [e.data for e in guarded.server.channels.by_name["diary"].log.read("start").events] == [SECRET]


class _Policed(RequestHandler):
    policy: str | None = None

    def get(self):
        if self.policy:
            self.set_header("Referrer-Policy", self.policy)
        images = "".join(f'<img src="{url}" alt="">' for url in self.application.settings["images"])
        self.write(f"<!doctype html><title>t</title>{images}")


class _Image(RequestHandler):
    def get(self):
        self.application.settings["referers"].append(self.request.headers.get("Referer"))
        self.set_status(204)


@pytest.mark.parametrize("policy", [None, "no-referrer"])
def test_a_token_in_a_pages_url_is_told_in_referers_unless_the_policy_forbids(page, policy):
    kind = type("Policed", (_Policed,), {"policy": policy})
    ours, theirs, images = [], [], []
    with ExitStack() as stack:
        other = stack.enter_context(Hosted([("/image", _Image)], "other", referers=theirs))
        server = stack.enter_context(
            Hosted([("/", kind), ("/image", _Image)], "one", referers=ours, images=images)
        )
        images += [f"{server.url}/image", f"{other.url}/image"]
        page.goto(f"{server.url}/?access_token=SECRET", wait_until="networkidle")
    if policy is None:
        assert ours == [f"{server.url}/?access_token=SECRET"]
        assert theirs == [f"{server.url}/"]
    else:
        assert ours == theirs == [None]
