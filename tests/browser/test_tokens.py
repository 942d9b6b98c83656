"""Pages on a server that wants a token: it is given once, and goes along by every technique, in no log and no URL."""

import os
import re
import select
import subprocess
import sys

import pytest

from rtlab.clients import publish
from rtlab.server.access import issue
from rtlab.wire.exchange import messages
from rtlab.wire.tap import Tap

from .conftest import SECONDS, SERVE, axe, until

TOKEN = "correct-horse-battery-staple"
KEY = "0123456789abcdef0123456789abcdef"
REFUSED = r"status of 40[13]|WebSocket connection to .* failed"  # the browser's own lines about it
EXPECTED = {
    "websocket": "socket?",
    "sse": "stream?",
    "long": "wait=",
    "short": "events?",
    "adaptive": "events?",
}


class Guarded:
    """A server process that wants a token, behind a tap; what it printed, once it has ended."""

    def __init__(self, *options):
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        command = [
            sys.executable,
            "-W",
            "error",
            "-c",
            SERVE,
            "serve",
            "--port",
            "0",
            "--app",
            "chat",
            "--app",
            "dashboard",
            *options,
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        assert select.select([self.process.stdout], [], [], SECONDS)[0], "the server does not start"
        self.printed = self.process.stdout.readline()
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", self.printed)[1])

    def __enter__(self):
        self.tap = Tap(("127.0.0.1", self.port)).start()
        self.url = f"http://127.0.0.1:{self.tap.address[1]}"
        return self

    def __exit__(self, *_exc_info):
        self.tap.close()
        self.process.terminate()
        self.printed += self.process.communicate(timeout=SECONDS)[0]

    def asked(self):
        """The lines of all requests that crossed the tap."""
        return [message.label for message in messages(self.tap.record) if message.kind == "request"]

    def publish(self, channel, data, token=TOKEN):
        return publish(f"http://127.0.0.1:{self.port}/channels/{channel}", data, token=token)


@pytest.fixture(scope="module")
def server():
    """One that wants TOKEN, for all tests that have nothing else in mind; what it printed is read at the end."""
    with Guarded("--token", TOKEN) as guarded:
        yield guarded
    assert guarded.printed.count("listening") == 1
    assert TOKEN not in guarded.printed
    assert "ticket" not in guarded.printed


@pytest.fixture
def guarded(server):
    server.tap.clear()
    return server


@pytest.fixture(scope="module")
def by_key(tmp_path_factory):
    """One that wants tokens signed with KEY."""
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_text(KEY)
    with Guarded("--jwt-key", str(path)) as guarded:
        yield guarded


def is_open(page):
    page.locator("#state[data-state=open]").wait_for()


def join(page, name):
    page.fill("#name", name)
    page.get_by_role("button", name="join").click()
    page.locator("#people li", has_text=name).wait_for()


def give(page, token):
    page.get_by_label("token").fill(token)
    page.get_by_role("button", name="use it").click()


def test_a_page_with_the_token_reads_and_publishes_by_every_technique_and_shows_it_in_no_url(
    page, by, guarded
):
    page.goto(f"{guarded.url}/apps/chat/?by={by}&interval=100#token={TOKEN}")
    is_open(page)
    assert TOKEN not in page.url  # taken out of the address bar
    join(page, f"Ada {by}")
    assert page.locator("#sign-in").is_hidden()
    assert page.faults == []
    page.reload()  # the tab has kept it
    is_open(page)
    asked = guarded.asked()
    assert any(EXPECTED[by] in line for line in asked)
    assert not any(TOKEN in line for line in asked)
    assert any("ticket=" in line for line in asked) == (by in ("sse", "websocket"))


@pytest.mark.parametrize("by", ["short", "sse", "websocket"])
def test_without_a_token_the_page_says_so_and_goes_on_when_it_is_given_one(page, by, guarded):
    page.goto(f"{guarded.url}/apps/chat/?by={by}&interval=100")
    page.locator("#state", has_text="wants a token").wait_for()
    page.locator("#token-problem", has_text="Ask whoever runs it").wait_for()
    give(page, "a guess")
    page.locator("#state", has_text="the token is no good").wait_for()
    faults = list(page.faults)
    assert axe(page) == []
    page.faults[:] = faults  # without what axe does to a page
    give(page, TOKEN)
    is_open(page)
    assert page.locator("#sign-in").is_hidden()
    join(page, f"Grace {by}")
    assert [fault for fault in page.faults if not re.search(REFUSED, fault)] == []


def test_a_token_that_no_header_can_carry_is_said_on_the_form_and_not_taken(page, guarded):
    page.goto(f"{guarded.url}/apps/chat/?by=short&interval=100")
    page.locator("#state", has_text="wants a token").wait_for()
    give(page, "ein Schlüssel")
    problem = page.locator("#token-problem", has_text="signs of ASCII only")
    problem.wait_for()
    for _ in range(2):  # the reader asks again and is refused again: that is not said over it
        page.wait_for_event("response", lambda answer: answer.status == 401)
    assert problem.is_visible()
    give(page, TOKEN)
    is_open(page)


def test_a_link_with_a_token_that_no_header_can_carry_is_as_one_without(page, guarded):
    page.goto(f"{guarded.url}/apps/chat/?by=short#token=%E2%82%AC")
    page.locator("#state", has_text="wants a token").wait_for()
    assert "token" not in page.url


def test_a_stream_that_broke_does_not_come_back_by_itself_with_its_used_ticket(page, guarded):
    page.goto(f"{guarded.url}/apps/")
    page.evaluate(
        """async token => {
            const [{read, setToken}, Native] = [await import("/rtlab.js"), EventSource];
            setToken(token);
            Object.assign(window, {made: [], after: []}).EventSource = class extends Native {
                constructor(url) { super(url); made.push(this); }
            };
            read("/channels/news", {by: "sse", onState: ({state}) => {
                if (state === "waiting") after.push(made[0]?.readyState);
            }});
        }""",
        TOKEN,
    )
    page.wait_for_function("() => made[0]?.readyState === EventSource.OPEN")
    guarded.tap.cut()
    page.wait_for_function("() => after.length")
    assert page.evaluate("after[0] === EventSource.CLOSED")


def test_by_itself_too_a_page_that_is_refused_does_not_take_the_path_for_the_fault(page, guarded):
    page.goto(f"{guarded.url}/apps/chat/")
    page.locator("#state", has_text="wants a token").wait_for()
    give(page, TOKEN)
    page.locator("#state", has_text="WebSocket: the socket is open").wait_for()


def test_a_token_that_does_not_allow_the_channel_is_told_apart(page, by_key):
    page.goto(f"{by_key.url}/apps/chat/?by=websocket#token={issue(KEY, 'ann', ['news'])}")
    page.locator("#state", has_text="ann may not read chat.room.lobby").wait_for()
    page.locator("#token-problem", has_text="does not allow this").wait_for()


@pytest.mark.parametrize("by", ["sse", "websocket"])
def test_a_token_that_expires_is_asked_for_anew_and_nothing_is_missed(page, by, by_key):
    everything, brief = (issue(KEY, "ann", ["*"], ["*"], seconds) for seconds in (60.0, 2.0))
    by_key.publish("news", "before", everything)
    page.goto(f"{by_key.url}/?#token={brief}")
    page.select_option("#by", by)
    page.locator("#state", has_text="expired").wait_for()
    by_key.publish("news", f"{by} meanwhile", everything)
    give(page, everything)
    page.locator("li span", has_text=f"{by} meanwhile").wait_for()


def test_a_stream_that_is_cut_comes_back_with_a_ticket_of_its_own(page, guarded):
    def tickets():
        return set(re.findall(r"/stream\S*ticket=([^& ]+)", " ".join(guarded.asked())))

    guarded.publish("news", "before")
    page.goto(f"{guarded.url}/?#token={TOKEN}")
    page.locator("#state", has_text="event stream is open").wait_for()
    for number in range(2):
        before = len(tickets())
        guarded.tap.cut()
        until(lambda before=before: len(tickets()) > before)
        guarded.publish("news", f"after cut {number}")
        page.locator("li span", has_text=f"after cut {number}").wait_for()
    assert len(tickets()) >= 3
    assert page.locator("li").count() == 3


def test_a_page_without_a_script_has_a_ticket_for_each_time_that_it_reloads_itself(page, guarded):
    page.goto(f"{guarded.url}/apps/dashboard/#token={TOKEN}")
    is_open(page)
    page.locator("#classic").evaluate("link => link.href = 'classic?every=0.5'")
    page.locator("#classic").click()  # a page that is refused does not load itself again

    def loads():
        return [line for line in guarded.asked() if "classic?" in line]

    until(lambda: len(loads()) >= 3)
    loaded = loads()  # and it goes on
    assert len(set(loaded)) >= 3
    assert not any(TOKEN in line for line in guarded.asked())
