"""The pond's page: steering by each technique, what prediction changes, pages that talk past the server, a restart."""

import pytest
from playwright.sync_api import expect

from rtlab import LongPolling
from rtlab.clients import Publisher

from .conftest import SECONDS, until


def figures(page):
    """What the page says that it measures; None where there is nothing yet."""
    found = page.evaluate("({...document.querySelector('#figures').dataset})")
    return {name: float(value) if value else None for name, value in found.items()}


def metered(page):
    """Requests and bytes, as the page's meter says them."""
    said = page.meter()
    return said["requests"], said["bytes"]


def boat(page):
    """The page's boat in the list, once it is there."""
    page.locator("#here .mine").wait_for()


def steer(page, key, holds):
    """Hold a key until something holds, and then no more."""
    page.bring_to_front()
    page.keyboard.down(key)
    until(holds)
    page.keyboard.up(key)
    assert holds()


@pytest.mark.parametrize("by", ["short", "long", "websocket"])
def test_a_boat_is_steered_by_asking_and_by_being_told_and_the_meter_agrees_with_the_tap(site, by):
    with site("game") as it:
        page = it.page("game", by=by, interval=200, name="Ada")
        boat(page)
        steer(page, "ArrowUp", lambda: figures(page)["delay"] is not None)
        # It never rests, so the meter, which lags, is held between what the tap saw before and sees after.
        before = it.wire(page)
        until(lambda: all(a >= b for a, b in zip(metered(page), before, strict=True)))
        said = metered(page)
        assert all(a >= b for a, b in zip(said, before, strict=True))
        until(lambda: all(a >= b for a, b in zip(it.wire(page), said, strict=True)))
        assert all(a >= b for a, b in zip(it.wire(page), said, strict=True))
        it.check(themes=())


def test_without_prediction_a_key_takes_the_way_there_and_back(site):
    with site("game") as it:
        page = it.page("game", by="websocket", delay=100)
        boat(page)
        page.uncheck("#predict")
        steer(page, "ArrowLeft", lambda: figures(page)["delay"] is not None)
        assert figures(page)["delay"] >= 200
        page.check("#predict")
        until(lambda: figures(page)["delay"] is None)
        steer(page, "ArrowRight", lambda: (figures(page)["states"] or 0) > 20)
        assert figures(page)["delay"] < 200
        assert figures(page)["corrections"] == 0
        page.uncheck("#reconcile")
        steer(page, "ArrowLeft", lambda: figures(page)["corrections"] > 0)
        it.check(themes=())


def test_two_pages_see_each_other_and_then_talk_past_the_server(site):
    with site("game") as it:
        ada, bob = it.page("game", by="websocket", name="Ada"), it.page("game", by="sse", name="Bob")
        for page in (ada, bob):
            page.locator("#here li").nth(1).wait_for()
            page.get_by_role("button", name="Connect with").click()
        for page, other in ((ada, "Bob"), (bob, "Ada")):
            page.locator("#peers tr[data-state=connected]").get_by_text(other).wait_for()
            page.bring_to_front()
            until(lambda page=page: int(page.get_attribute("#peers tbody tr", "data-received")) > 5)
            page.get_by_text("To the server and back").wait_for()
        ada.bring_to_front()
        ada.check("#direct")
        until(lambda: figures(ada)["age"] is not None)
        assert figures(ada)["age"] is not None
        it.check(themes=())


def test_many_names_do_not_make_many_connections_and_without_webrtc_the_page_says_so(site):
    with site("game") as it:
        page = it.page("game", by="websocket", name="Ada")
        boat(page)
        page.get_by_role("button", name="Connect with").click()
        signals = f"{it.url}/channels/game.signals"
        with LongPolling(signals, after="start") as reader, Publisher(signals) as publisher:
            next(reader.events(timeout=SECONDS))  # the page's hello, from which on it listens
            for number in range(60):
                publisher.publish(
                    {"kind": "hello", "from": f"boat-{number:04}", "to": "boat-0000", "text": ""}
                )
        page.locator("#peers tbody tr").nth(11).wait_for()
        page.get_by_text("To the server and back").wait_for()
        assert page.locator("#peers tbody tr").count() == 12
        page.add_init_script("delete window.RTCPeerConnection")
        page.reload()
        expect(page.get_by_role("button", name="This browser has no WebRTC")).to_be_disabled()
        boat(page)
        it.check(themes=())


def test_a_restart_is_another_pond_and_the_boat_is_there_again(site):
    with site("game") as it:
        page = it.page("game", by="websocket")
        boat(page)
        steer(page, "ArrowUp", lambda: (figures(page)["states"] or 0) > 10)
        it.restart()
        page.locator("#state[data-state=open]").wait_for()
        page.evaluate("document.querySelector('#here').replaceChildren()")
        boat(page)
        steer(page, "ArrowDown", lambda: figures(page)["delay"] is not None)
        it.check(themes=())


@pytest.mark.parametrize("delay", [100])
def test_a_narrow_page_does_not_scroll_sideways_and_is_steered_by_pointing(site, delay):
    with site("game") as it:
        page = it.page("game", options={"viewport": {"width": 320, "height": 640}}, delay=delay)
        boat(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = page.locator("#pond").bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        until(lambda: figures(page)["delay"] is not None)
        page.mouse.up()
        assert figures(page)["delay"] is not None
        it.check()
