"""Applications are served beside the channels: pages, event sources, and a say in what clients publish."""

import asyncio
import logging

import pytest
import requests

from rtlab import Lab, LongPolling, WebSocket, publish
from rtlab.apps.app import App
from rtlab.apps.catalogue import APPS, find, make
from rtlab.apps.site import Applications
from rtlab.errors import BadInput, InvalidName, ServerError
from rtlab.event import Event, Gap
from rtlab.server.limits import Limits


class Echo(App):
    """Says again on `echo` what was said on `echo.in`; refuses everything but words."""

    name, title, summary = "echo", "Echo & co", "It says it again."

    def check(self, channel, data):
        if not isinstance(data, str):
            raise BadInput("say a word")

    async def run(self, hub):
        async for item in hub.read("echo.in"):
            assert isinstance(item, Event)
            await hub.publish("echo", item.data * 2, key=item.id)


@pytest.fixture
def lab():
    with Lab(extensions=[Applications([Echo()])]) as lab:
        yield lab


def heard(lab, channel, number):
    """The data of the first events of a channel."""
    with WebSocket(lab.channel(channel), after="start") as reader:
        return [event.data for event in reader.events(limit=number, timeout=10)]


def test_an_event_source_reads_and_publishes(lab):
    publish(lab.channel("echo.in"), "ho")
    publish(lab.channel("echo.in"), "hi")
    assert heard(lab, "echo", 2) == ["hoho", "hihi"]


class Gauge(App):
    """On `gauge` each event says all there is to know."""

    name, title, keeps = "gauge", "Gauge", {"gauge": 1}


@pytest.mark.parametrize("broker", [None, "embedded-redis"])
def test_a_channel_that_keeps_one_event_gives_a_slow_reader_the_newest_and_says_how_many_it_replaced(broker):
    with Lab(extensions=[Applications([Gauge()])], broker=broker) as lab:
        first, *_ = [lab.publish("gauge", number) for number in range(5)]
        for newest in (4, 7):  # with a broker: when the server begins to follow the channel, and when it does
            with LongPolling(lab.channel("gauge"), after=first) as reader:
                gap, event = reader.events(limit=1, timeout=10)
            assert (gap.missed, event.data) == (newest - 1, newest)
            for number in range(5, 8):
                lab.publish("gauge", number)
        lab.publish("other", 1)
        lab.publish("other", 2)
        assert heard(lab, "other", 2) == [1, 2], "of the others nothing is dropped"


def test_what_the_application_refuses_is_not_appended_and_the_reason_is_told_by_post_and_by_socket(lab):
    publish(lab.channel("echo.in"), "a word")
    with pytest.raises(ServerError, match="say a word") as refused:
        publish(lab.channel("echo.in"), 7)
    assert refused.value.status == 400
    with WebSocket(lab.channel("echo.in")) as socket, pytest.raises(ServerError, match="say a word"):
        socket.send(7)
    assert heard(lab, "echo.in", 1) == ["a word"]
    assert publish(lab.channel("echoes"), 7)  # another's channel is no business of ours


def test_an_application_that_fails_says_so_in_the_log_and_leaves_the_server_running(caplog):
    class Broken(App):
        name, title = "broken", "Broken"

        async def run(self, hub):
            raise ZeroDivisionError("one over none")

    with (
        caplog.at_level(logging.ERROR, "rtlab.apps"),
        Lab(extensions=[Applications([Broken(), Echo()])]) as lab,
    ):
        publish(lab.channel("echo.in"), "ho")
        assert heard(lab, "echo", 1) == ["hoho"]
    assert "the application broken has ended" in caplog.text


def test_reading_by_a_hub_tells_of_a_gap_and_survives_a_log_that_was_dropped():
    seen = []

    class Slow(App):
        name, title = "slow", "Slow"

        async def run(self, hub):
            async for item in hub.read("slow", after="start"):
                seen.append(item)
                await asyncio.sleep(0.2)

    with Lab(limits=Limits(events=2), extensions=[Applications([Slow()])]) as lab:
        for number in range(6):
            lab.publish("slow", number)
        ends = asyncio.run_coroutine_threadsafe(asyncio.sleep(1.2), lab._server._loop)
        ends.result(5)
    assert [item.data for item in seen if isinstance(item, Event)][-1] == 5
    lost = sum(item.missed for item in seen if isinstance(item, Gap))
    assert lost + sum(isinstance(item, Event) for item in seen) == 6


def test_a_page_is_served_with_its_policy_and_its_shared_files(lab):
    page = lab.app("chat")
    answer = requests.get(page.url, timeout=10)
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    for path in (
        "",
        "apps.css",
        "frame.js",
        "vendor/uPlot.esm.js",
        "vendor/uPlot.LICENSE.txt",
        "echo/app.py",
    ):
        status = requests.get(f"{lab.url}/apps/{path}", timeout=10).status_code
        assert status == (404 if path == "echo/app.py" else 200), path
    assert "Echo &amp; co" in requests.get(f"{lab.url}/apps/", timeout=10).text
    assert requests.get(f"{lab.url}/apps", timeout=10).url.endswith("/apps/")
    moved = requests.get(f"{lab.url}/apps/chat?by=sse", timeout=10, allow_redirects=False)
    assert moved.headers["Location"] == "chat/?by=sse"


@pytest.mark.parametrize(
    "path", ["..%2fapp.py", "%2e%2e/app.py", ".hidden", "__init__.py", "nothing.js", "a/b.js"]
)
def test_nothing_but_a_pages_own_files_is_served(lab, path):
    assert requests.get(f"{lab.url}/apps/echo/{path}", timeout=10).status_code == 404


def test_an_embedded_page_shows_itself_and_its_address_has_what_was_asked(lab):
    shown = lab.app("chat", by="sse", height=400)
    assert shown.url.endswith("/apps/chat/?by=sse")
    assert lab.app("chat", recorded=False).url.startswith(lab.server_url)
    html = shown._repr_html_()
    assert 'height="400"' in html
    assert "<iframe" in html
    assert repr(shown) == f"Chat: {shown.url}"


def test_an_application_added_to_a_running_lab_comes_back_with_its_server():
    with Lab() as lab:
        shown = lab.app(Echo)
        for _ in range(2):
            publish(lab.channel("echo.in"), "ho")
            assert heard(lab, "echo", 1) == ["hoho"]
            assert requests.get(lab.url + "/apps/", timeout=10).status_code == 200
            lab.restart_server()
        assert shown.url == lab.app(Echo).url


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("chess", "there are chat"),
        ("nowhere:App", "No module named"),
        ("rtlab.errors:BadInput", "make it a subclass"),
        ("rtlab.apps.chat:Missing", "no attribute"),
    ],
)
def test_an_unknown_application_is_refused_with_what_there_is(name, says):
    with pytest.raises(BadInput, match=says):
        find(name)


def test_all_stands_for_every_application_once():
    assert [app.name for app in make(["chat", "all"])] == list(APPS)


def test_a_name_that_comes_twice_or_cannot_be_a_path_is_refused():
    class Dotted(App):
        name, title = "a.b", "Dotted"

    with pytest.raises(BadInput, match="twice"):
        Applications([Echo(), Echo()])
    with pytest.raises(BadInput, match="cannot be"):
        Applications([Dotted()])


def test_a_hub_refuses_what_a_channel_cannot_be_called():
    failed = []

    class Wrong(App):
        name, title = "wrong", "Wrong"

        async def run(self, hub):
            try:
                await hub.publish("no name", 1)
            except InvalidName as error:
                failed.append(error)

    with Lab(extensions=[Applications([Wrong()])]):
        pass
    assert failed
