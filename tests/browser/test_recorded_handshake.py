"""The recording that lesson 06 falls back to is what a browser still sends."""

from playwright.sync_api import Page

from rtlab import Lab
from rtlab.teach.lesson_06.recorded import CHROMIUM, browsers

# What a version of the browser or the user's settings may add, leave out or write in another order is not held.
TAUGHT = {
    "Host",
    "Connection",
    "Upgrade",
    "Origin",
    "User-Agent",
    "Cache-Control",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Extensions",
}


def fields(head: bytes) -> dict[str, str]:
    pairs = (line.partition(": ") for line in head.decode().splitlines()[1:-1])
    return {name: value for name, _, value in pairs}


def test_a_browser_sends_what_was_recorded(page: Page) -> None:
    with Lab() as lab:
        page.goto(lab.browser_url("/"))
        page.select_option("#by", "websocket")
        page.locator("#state", has_text="the socket is open").wait_for()
        heads = browsers(lab.wire.messages)
    assert len(heads) == 1
    now, then = fields(heads[0]), fields(CHROMIUM)
    assert set(now) >= TAUGHT <= set(then)
    assert now["Origin"] == f"http://{now['Host']}"
    for same in ("Connection", "Upgrade", "Sec-WebSocket-Version", "Cache-Control"):
        assert now[same] == then[same]
    assert now["Sec-WebSocket-Extensions"].startswith("permessage-deflate")


PUBLISH = """() => new Promise((done) => {
  const socket = new WebSocket(`ws://${location.host}/channels/large/socket`);
  socket.onopen = () => socket.send(JSON.stringify({type: "publish", data: "again and again ".repeat(500)}));
  socket.onmessage = ({data}) => JSON.parse(data).type === "event" && done([socket.extensions, JSON.parse(data).data]);
})"""


def test_what_is_large_goes_compressed_both_ways_and_the_tap_shows_it_inflated(page: Page) -> None:
    with Lab() as lab:
        page.goto(lab.browser_url("/"))
        extensions, data = page.evaluate(PUBLISH)
        frames = {m.label: m for m in lab.wire.messages if m.kind == "frame" and m.channel == "large"}
    assert extensions.startswith("permessage-deflate")
    assert data == "again and again " * 500
    for label in ("publish", "event"):
        assert frames[label].size < 400
        assert frames[label].saved > 7000
        assert data.encode() in frames[label].body
