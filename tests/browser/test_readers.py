"""rtlab.js, the readers of a page, in a real browser: what the Python readers promise, by every technique."""

import email.utils
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from rtlab import Lab
from rtlab.apps.site import Applications
from rtlab.server.limits import Limits
from rtlab.server.polling import EventsHandler
from rtlab.server.socket import SocketHandler
from rtlab.server.stream import StreamHandler
from rtlab.wire.trouble import HalfOpen

from .conftest import AWAY, TECHNIQUES, until

READ = """async ([url, options]) => {
    const {read} = await import("/rtlab.js");
    Object.assign(window, {got: [], gaps: [], states: []});
    const handlers = {onEvent: e => got.push(e.data), onGap: g => gaps.push(g.missed),
                      onState: s => states.push(`${s.by} ${s.state}`)};
    window.reader = read(url, {interval: 50, ...options, ...handlers});
}"""
HANDLERS = {"sse": StreamHandler, "websocket": SocketHandler}  # and the others ask for `events`


@pytest.fixture
def lab():
    with Lab(extensions=[Applications([])]) as lab:  # for an empty page of the same origin
        yield lab


def start(page, lab, by, after="start", channel="news"):
    """Open a page of the server and read the channel in it."""
    page.goto(lab.browser_url("/apps/"))
    page.evaluate(READ, [f"/channels/{channel}", {"by": by, "after": after}])


def got(page, wanted, seconds=20):
    """What the page has, once it is as much as wanted."""
    page.wait_for_function("wanted => got.length >= wanted", arg=wanted, timeout=1000 * seconds)
    return page.evaluate("got")


def publish_all(lab, numbers, pause=0.005):
    """Publish from a thread of its own, so that the page goes on meanwhile."""

    def run():
        for number in numbers:
            lab.publish("news", number)
            time.sleep(pause)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_reader_gets_what_was_and_what_comes_each_once_in_order(page, lab, by):
    for number in range(5):
        lab.publish("news", number)
    start(page, lab, by)
    assert got(page, 5) == [0, 1, 2, 3, 4]
    publish_all(lab, range(5, 55)).join()
    assert got(page, 55) == list(range(55))
    assert page.evaluate("gaps") == []
    assert page.evaluate("states.at(-1)") == f"{by} open"
    assert page.faults == []


def test_a_reader_that_begins_now_misses_nothing_from_now_on_even_if_it_is_cut_before_the_first_event(
    page, lab, by
):
    lab.publish("news", "before")
    start(page, lab, by, after="now")
    page.wait_for_function("() => states.some(state => state.endsWith('open'))")
    until(lambda: page.evaluate("reader.cursor") != "now")
    lab.cut()
    for number in range(3):
        lab.publish("news", number)
    assert got(page, 3) == [0, 1, 2]


def test_a_connection_that_is_cut_again_and_again_loses_nothing_and_repeats_nothing(page, lab, by):
    lab.publish("news", 0)
    start(page, lab, by)
    publishing = publish_all(lab, range(1, 120), pause=0.01)
    for _ in range(4):
        time.sleep(0.25)
        lab.cut()
    publishing.join()
    assert got(page, 120) == list(range(120))
    assert page.evaluate("gaps") == []
    assert [fault for fault in page.faults if not AWAY.search(fault)] == []


def test_a_server_that_is_another_one_is_told_as_a_gap(page, lab, by):
    lab.publish("news", "old")
    start(page, lab, by)
    assert got(page, 1) == ["old"]
    page.wait_for_function("() => states.at(-1).endsWith('open')")
    lab.restart_server()
    lab.publish("news", "new")
    assert got(page, 2) == ["old", "new"]
    assert page.evaluate("gaps") == [None]


def test_what_fell_out_of_the_window_is_counted(page, by):
    with Lab(limits=Limits(events=3), extensions=[Applications([])]) as lab:
        first = lab.publish("news", 0)
        for number in range(1, 8):
            lab.publish("news", number)
        start(page, lab, by, after=first)
        assert got(page, 3) == [5, 6, 7]
        assert page.evaluate("gaps") == [4]


def test_a_reader_goes_from_technique_to_technique_where_it_was(page, lab):
    start(page, lab, "short")
    publishing = publish_all(lab, range(150), pause=0.01)
    for by in [*TECHNIQUES[1:], *TECHNIQUES, *reversed(TECHNIQUES)]:
        time.sleep(0.12)
        page.evaluate("by => reader.switchTo(by)", by)
    publishing.join()
    assert got(page, 150) == list(range(150))
    assert page.evaluate("gaps") == []
    assert page.faults == []


@pytest.mark.parametrize("status", [204, 404, 500])
def test_an_answer_that_is_none_is_told_and_asked_again(page, lab, by, status, monkeypatch):
    left = [3]
    handler = HANDLERS.get(by, EventsHandler)
    prepare = handler.prepare

    def refuse(self):
        left[0] -= 1
        if left[0] >= 0 and self.request.method == "GET":
            self.set_status(status)
            return self.finish()
        return prepare(self)

    monkeypatch.setattr(handler, "prepare", refuse)
    lab.publish("news", "first")
    start(page, lab, by)
    until(lambda: left[0] < 0)
    lab.publish("news", "second")
    assert got(page, 2) == ["first", "second"]
    assert page.evaluate("states.filter(state => state.endsWith('waiting')).length") >= 1


def test_a_closed_reader_asks_no_more(page, lab, by):
    lab.publish("news", "first")
    start(page, lab, by)
    got(page, 1)
    page.evaluate("reader.close()")
    until(lambda: lab._server.server.channels.by_name["news"].readers == set())
    asked = sum(lab._server.server.requests.values())
    lab.publish("news", "second")
    page.wait_for_timeout(300)
    assert sum(lab._server.server.requests.values()) <= asked + 1  # the poll that was under way
    assert page.evaluate("[got, states.at(-1)]") == [["first"], f"{by} closed"]


@pytest.mark.parametrize(
    ("blocked", "ends"),
    [
        ([], "websocket"),
        (["websocket"], "sse"),
        (["websocket", "sse"], "long"),
        (["websocket", "sse", "wait"], "short"),
    ],
)
def test_auto_takes_the_first_technique_that_the_path_lets_through(page, lab, blocked, ends, monkeypatch):
    def refuse(handler, applies):
        prepare = handler.prepare

        def blocking(self):
            if not applies(self):
                return prepare(self)
            self.set_status(502)
            return self.finish()

        monkeypatch.setattr(handler, "prepare", blocking)

    if "websocket" in blocked:
        refuse(SocketHandler, lambda _handler: True)
    if "sse" in blocked:
        refuse(StreamHandler, lambda _handler: True)
    if "wait" in blocked:
        refuse(EventsHandler, lambda handler: "wait" in handler.request.query_arguments)
    publishing = publish_all(lab, range(60), pause=0.02)
    start(page, lab, "auto")
    page.wait_for_function("ends => states.at(-1) === `${ends} open`", arg=ends, timeout=20_000)
    publishing.join()
    assert got(page, 60) == list(range(60))


def test_auto_notices_a_stream_whose_events_are_held_back(page, lab, monkeypatch):
    from rtlab.server import stream

    class Collecting(stream.Reader):
        def write(self, data):  # as a proxy that buffers would
            pass

    monkeypatch.setattr(stream, "Reader", Collecting)
    monkeypatch.setattr(SocketHandler, "prepare", lambda self: self.finish())
    start(page, lab, "auto")
    page.wait_for_function("() => states.includes('sse open')", timeout=20_000)
    lab.publish("news", "held back")
    assert got(page, 1) == ["held back"]
    page.wait_for_function("() => states.at(-1) === 'long open'")


@pytest.mark.parametrize("by", ["sse", "websocket"])
def test_a_connection_that_is_gone_without_a_word_is_missed(page, lab, by):
    lab.publish("news", 0)
    page.goto(lab.browser_url("/apps/"))
    page.evaluate("import('/rtlab.js')")
    lab.middleboxes(HalfOpen(1.0))
    lab.cut()  # so that no connection is an older one
    page.evaluate(READ, ["/channels/news", {"by": by, "after": "start", "silence": 1500}])
    assert got(page, 1) == [0]
    page.wait_for_timeout(1100)
    lab.middleboxes()
    lab.publish("news", 1)
    assert got(page, 2) == [0, 1]
    assert page.evaluate("gaps") == []
    assert page.evaluate("states").count(f"{by} waiting") >= 1


def test_a_question_has_a_limit(page, lab):
    page.goto(lab.browser_url("/apps/"))
    ask = """url => import('/rtlab/http.js').then(({ask}) => ask(new URL(url, location.href), {within: 100}))
        .catch(({message, status}) => [message, status])"""
    lab.publish("news", 0)
    sentence, status = page.evaluate(ask, "/channels/news/events?wait=30")
    assert "no answer from 127.0.0.1" in sentence
    assert status == 0


def test_an_open_stream_on_which_nothing_happens_is_left_alone(page, lab, by):
    lab.publish("news", 0)
    page.goto(lab.browser_url("/apps/"))
    page.evaluate(READ, ["/channels/news", {"by": by, "after": "start", "silence": 200}])
    assert got(page, 1) == [0]
    page.wait_for_function("() => states.at(-1).endsWith('open')")
    said = page.evaluate("states.length")
    page.wait_for_timeout(900)
    assert page.evaluate("states.length") == said
    lab.publish("news", 1)
    assert got(page, 2) == [0, 1]


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [("0", 0), ("120", 120_000), ("soon", 0), ("", 0), (None, 0), ("-1", 0), ("1.5", 0),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)  # fmt: skip
def test_what_a_server_asks_to_wait(page, lab, value, milliseconds):
    page.goto(lab.browser_url("/apps/"))
    ask = "value => import('/rtlab/http.js').then(({retryAfter}) => retryAfter(value))"
    assert page.evaluate(ask, value) == milliseconds


@pytest.mark.parametrize("as_date", [False, True])
def test_a_server_that_says_when_to_come_back_is_not_asked_before(page, lab, by, as_date, monkeypatch):
    asked = []
    later = email.utils.format_datetime(datetime.now(timezone.utc) + timedelta(seconds=60), usegmt=True)

    def busy(self):
        asked.append(self.request.path)
        self.set_status(503)
        self.set_header("Retry-After", later if as_date else "60")
        return self.finish()

    for handler in (EventsHandler, StreamHandler, SocketHandler):
        monkeypatch.setattr(handler, "prepare", busy)
    # A page is not told what answers its WebSocket's handshake: there the rule holds for what it can read.
    start(page, lab, "long" if by == "websocket" else by)
    until(lambda: asked)
    page.wait_for_timeout(600)
    assert len(asked) == 1


def test_pauses_grow_to_a_cap_and_have_full_jitter(page, lab, monkeypatch):
    def away(self):
        self.set_status(502)
        return self.finish()

    monkeypatch.setattr(EventsHandler, "prepare", away)
    page.goto(lab.browser_url("/apps/"))
    page.evaluate("""() => {
        const real = setTimeout;
        window.pauses = [];
        Math.random = () => 0.5;  // the middle of each span
        window.setTimeout = (call, wait) => {
            if (wait > 5000) return real(call, wait);  // the limit of a question is no pause
            pauses.push(wait);
            return real(call, 1);
        };
    }""")
    page.evaluate(READ, ["/channels/news", {"by": "short"}])
    page.wait_for_function("() => pauses.length >= 10")
    assert page.evaluate("pauses.slice(0, 10)") == [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]


def test_who_has_published_does_not_wait_for_a_server_that_is_there(page, lab, monkeypatch):
    lab.publish("news", "first")
    refused = []
    prepare = SocketHandler.prepare

    def away(self):
        refused.append(1)
        self.set_status(502)
        return self.finish()

    monkeypatch.setattr(SocketHandler, "prepare", away)
    start(page, lab, "websocket")
    until(lambda: len(refused) >= 3)
    page.evaluate("Math.random = () => 1e6")  # from now on a pause lasts for days
    before = len(refused)
    page.wait_for_function("() => states.at(-1) === 'websocket waiting'")
    until(lambda: len(refused) > before or page.evaluate("states.at(-1)") == "websocket waiting")
    monkeypatch.setattr(SocketHandler, "prepare", prepare)
    page.evaluate("reader.publish('second')")
    assert got(page, 2) == ["first", "second"]


def test_publishing_says_the_id_once_for_a_key_and_why_it_is_refused(page, lab):
    page.goto(lab.browser_url("/apps/"))
    publish = """async ([data, key]) => {
        const {publish} = await import("/rtlab.js");
        return publish("/channels/news", data, {key}).catch(({status, message}) => [status, message]);
    }"""
    first = page.evaluate(publish, [{"n": 1}, "k"])
    assert first["id"].endswith(".1")
    assert page.evaluate(publish, [{"n": 1}, "k"]) == first
    status, sentence = page.evaluate(publish, [{"n": 2}, "k"])
    assert status == 422
    assert "choose a new key" in sentence


def test_a_reader_by_websocket_publishes_on_its_socket(page, lab):
    start(page, lab, "websocket")
    page.wait_for_function("() => states.at(-1) === 'websocket open'")
    posts = [key for key in lab._server.server.requests if key[1] == "POST"]
    made = page.evaluate("reader.publish({n: 1}, {key: 'k'})")
    assert page.evaluate("reader.publish({n: 1}, {key: 'k'})") == made
    refused = page.evaluate(
        "reader.publish({n: 2}, {key: 'k'}).catch(({status, message}) => [status, message])"
    )
    assert refused[0] == 422
    assert got(page, 1) == [{"n": 1}]
    assert [key for key in lab._server.server.requests if key[1] == "POST"] == posts


def test_an_unknown_technique_is_refused(page, lab):
    page.goto(lab.browser_url("/apps/"))
    refused = page.evaluate(
        "import('/rtlab.js').then(({read}) => read('/channels/news', {by: 'pigeon'})).catch(error => error.message)"
    )
    assert refused == "pigeon is no technique: use short, adaptive, long, sse, websocket or auto"
