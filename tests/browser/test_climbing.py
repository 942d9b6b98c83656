"""rtlab.js by `auto` climbs back by itself when the path gets better: nothing lost, nothing twice, while it changes."""

import pytest

from rtlab import Lab
from rtlab.apps.site import Applications
from rtlab.wire.proxies import Buffers, Refuses, StripsUpgrade

from .conftest import until
from .test_readers import READ, got, publish_all

SOCKET, STREAM = r"/channels/\w+/socket", r"/channels/\w+/stream"
RETRY, PATIENCE = 300, 1000  # milliseconds, where a page has a minute and 8 s


@pytest.fixture
def lab():
    with Lab(extensions=[Applications([])]) as lab:
        yield lab


def start(page, lab):
    page.goto(lab.browser_url("/apps/"))
    page.evaluate(
        READ, ["/channels/news", {"by": "auto", "after": "start", "retry": RETRY, "patience": PATIENCE}]
    )


def reads_by(page, technique):
    page.wait_for_function("by => states.at(-1) === `${by} open`", arg=technique, timeout=20_000)


def asked(lab):
    """The lines of the requests since the last `clear()`."""
    return [message.label for message in lab.wire.messages if message.kind == "request"]


@pytest.mark.parametrize(
    ("box", "first"),
    [
        (StripsUpgrade(), "sse"),
        (Refuses(403, only=f"{SOCKET}|{STREAM}"), "long"),
        (Refuses(504, only=rf"{SOCKET}|{STREAM}|[?&]wait="), "short"),
    ],
    ids=["Upgrade is stripped", "no stream either", "nothing is held"],
)
def test_from_any_rung_it_climbs_to_the_best_when_it_is_let_through(page, lab, box, first):
    lab.middleboxes(box)
    publishing = publish_all(lab, range(200), pause=0.01)
    start(page, lab)
    reads_by(page, first)
    lab.middleboxes()
    reads_by(page, "websocket")
    publishing.join()
    assert got(page, 200) == list(range(200))
    assert page.evaluate("gaps") == []
    last = lab.publish("news", "on the socket")
    assert got(page, 201)[-1] == "on the socket"
    assert page.evaluate("reader.cursor") == last


def test_it_climbs_rung_by_rung_as_the_path_gets_better_and_falls_again_when_it_gets_worse(
    page,
    lab,
):
    lab.middleboxes(StripsUpgrade(), Refuses(502, only=STREAM))
    publishing = publish_all(lab, range(300), pause=0.01)
    start(page, lab)
    reads_by(page, "long")
    lab.middleboxes(StripsUpgrade())
    reads_by(page, "sse")
    lab.middleboxes()
    reads_by(page, "websocket")
    lab.middleboxes(Refuses(502, only=f"{SOCKET}|{STREAM}"))
    lab.cut()
    reads_by(page, "long")
    publishing.join()
    assert got(page, 300) == list(range(300))
    assert page.evaluate("gaps") == []


def test_where_the_path_stays_as_it_is_it_stays_where_it_is(page, lab):
    lab.middleboxes(StripsUpgrade())
    start(page, lab)
    reads_by(page, "sse")
    lab.wire.clear()
    until(lambda: len(asked(lab)) >= 3)
    lab.publish("news", 1)
    assert got(page, 1) == [1]
    assert all("/socket" in label for label in asked(lab))
    assert page.evaluate("states.at(-1)") == "sse open"


def test_a_stream_that_is_collected_on_the_way_is_not_climbed_to(page, lab):
    lab.middleboxes(StripsUpgrade(), Refuses(502, only=STREAM))
    start(page, lab)
    reads_by(page, "long")
    lab.middleboxes(StripsUpgrade(), Buffers(4096))
    lab.cut()  # what is on the path holds for new connections
    lab.wire.clear()
    until(lambda: len([label for label in asked(lab) if "/stream" in label]) >= 2)
    lab.publish("news", "by long polling")
    assert got(page, 1) == ["by long polling"]
    assert page.evaluate("states.includes('sse open')") is False
    lab.middleboxes(StripsUpgrade())
    lab.cut()
    reads_by(page, "sse")
    lab.publish("news", "at once")
    assert got(page, 2) == ["by long polling", "at once"]


def test_a_closed_reader_and_one_that_was_switched_try_nothing_any_more(page, lab):
    lab.middleboxes(StripsUpgrade())
    start(page, lab)
    reads_by(page, "sse")
    page.evaluate("reader.switchTo('long')")
    reads_by(page, "long")
    lab.middleboxes()
    lab.wire.clear()
    page.wait_for_timeout(3 * RETRY)
    assert not [label for label in asked(lab) if "/socket" in label or "/stream" in label]
    assert page.evaluate("states.at(-1)") == "long open"


def test_trials_and_pauses_leave_no_listener_on_what_outlives_them(page, lab):
    lab.middleboxes(StripsUpgrade())
    page.goto(lab.browser_url("/apps/"))
    page.evaluate(
        """() => {
            const {addEventListener: add, removeEventListener: remove} = EventTarget.prototype;
            window.kept = new Map();  // signal → its listeners
            AbortSignal.prototype.addEventListener = function (...given) {
                kept.set(this, (kept.get(this) ?? 0) + 1);
                add.apply(this, given);
            };
            AbortSignal.prototype.removeEventListener = function (...given) {
                kept.set(this, (kept.get(this) ?? 0) - 1);
                remove.apply(this, given);
            };
        }"""
    )
    page.evaluate(READ, ["/channels/news", {"by": "auto", "retry": 10}])
    reads_by(page, "sse")
    lab.wire.clear()
    until(lambda: len(asked(lab)) >= 5)  # which would leave ten
    assert len(asked(lab)) >= 5
    assert page.evaluate("Math.max(...kept.values())") < 5
