"""`/apps/notify/` in a real browser: the worker decrypts and shows what Python sent, with the page open and without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rtlab.apps.notify import Notify
from rtlab.push.keys import to_text
from rtlab.push.service import PushService
from rtlab.server.thread import ServerThread

from ..push import vectors as rfc
from .conftest import axe, until

SHOWN = "() => self.registration.getNotifications().then(all => all.map(one => [one.title, one.body]))"

OPEN = """async ([key, point, auth, body]) => {
    const {decrypt, fromText} = await import("./push.js");
    const half = await crypto.subtle.importKey("jwk", key, {name: "ECDH", namedCurve: "P-256"}, false, ["deriveBits"]);
    return decrypt(fromText(body), {private: half, public: fromText(point), auth: fromText(auth)});
}"""


class Site:
    """A server with the page, its application server, and a browser that allows notifications."""

    def __init__(self, browser: Browser) -> None:
        self.service, self.notify = PushService(), Notify()
        self.server = ServerThread(extensions=[self.service, self.notify])
        self.context: BrowserContext = browser.new_context()
        self.context.grant_permissions(["notifications"], origin=self.server.url)
        self.faults: list[str] = []

    def page(self) -> Page:
        page = self.context.new_page()
        page.on(
            "console",
            lambda line: self.faults.append(line.text) if line.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(f"{self.server.url}/apps/notify/")
        return page

    def subscribed(self) -> Page:
        page = self.page()
        page.get_by_role("button", name="Subscribe", exact=True).click()
        expect(page.get_by_role("status").first).to_have_text("Subscribed and awake.")
        return page

    def shown(self) -> list[list[str]]:
        """Title and text of the notifications that the service worker has shown, asked of the worker itself."""
        found: list[list[str]] = self.context.service_workers[0].evaluate(SHOWN)
        return found

    def close(self) -> None:
        self.context.close()
        self.server.close()


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    with closing(Site(browser)) as site:
        yield site


def waiting(site: Site) -> int:
    """Messages that are not acknowledged yet."""
    return site.server.call(lambda: site.service.store._count("messages"))


def test_what_python_sends_is_decrypted_and_shown_by_the_service_worker(site: Site) -> None:
    page = site.subscribed()
    (sent,) = site.notify.send(json.dumps({"title": "Parcel", "body": "It is at the door. Grüße"})).values()
    assert sent.status == 201
    expect(page.locator("#shown li")).to_have_text("Parcel: It is at the door. Grüße by the page's stream")
    assert site.shown() == [["Parcel", "It is at the door. Grüße"]]
    until(lambda: waiting(site) == 0)
    assert waiting(site) == 0  # acknowledged
    assert site.faults == []


def test_with_no_page_open_the_browser_wakes_the_worker(site: Site) -> None:
    site.subscribed().close()
    elsewhere = site.context.new_page()  # nothing of ours is open
    cdp = site.context.new_cdp_session(elsewhere)
    known: list[dict[str, Any]] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda event: known.extend(event["registrations"]))
    cdp.send("ServiceWorker.enable")
    until(
        lambda: elsewhere.wait_for_timeout(20) or bool(known)
    )  # Playwright hands out events only while it waits
    assert [page.url for page in site.context.pages] == ["about:blank"]
    data = json.dumps({"title": "Door bell", "body": "Somebody is there"})
    cdp.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": site.server.url, "registrationId": known[0]["registrationId"], "data": data},
    )
    until(lambda: site.shown() != [])
    assert site.shown() == [["Door bell", "Somebody is there"]]


def test_what_was_sent_while_the_page_was_closed_comes_when_it_is_open_again(site: Site) -> None:
    site.subscribed().close()
    until(lambda: not site.service.awake)
    site.notify.send("first", ttl=0)
    for number in range(10):
        site.notify.send(f"score {number}", topic="score")
    page = site.page()
    expect(page.locator("#shown li")).to_have_text(["score 9 by the page's stream"])
    assert site.shown() == [["score 9", ""]]


def test_with_a_low_battery_what_is_not_urgent_waits(site: Site) -> None:
    page = site.subscribed()
    page.get_by_label("battery low").check()
    expect(page.get_by_role("status").first).to_contain_text("only what is urgent")
    site.notify.send("shoes", urgency="low")
    site.notify.send("fire", urgency="high")
    shown = page.locator("#shown li")
    expect(shown).to_have_text(["fire by the page's stream"])
    page.get_by_label("battery low").uncheck()
    expect(shown).to_have_text(["shoes by the page's stream", "fire by the page's stream"])


def test_the_page_is_an_application_server_too_and_learns_that_a_subscription_is_gone(site: Site) -> None:
    page = site.subscribed()
    page.get_by_label("Message").fill("hello from the page")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_have_text("201: the push service has it, for 60 s at most")
    expect(page.locator("#shown li")).to_have_text(["hello from the page by the page's stream"])
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("status").first).to_contain_text("Not subscribed")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("410 Gone")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("nobody to send to")


def test_a_second_page_does_not_take_the_connection_from_the_first(site: Site) -> None:
    first = site.subscribed()
    second = site.page()
    site.notify.send("once")
    expect(first.locator("#shown li")).to_have_count(1)
    expect(second.locator("#shown li")).to_have_count(1)  # both are told, by the worker
    assert len(site.shown()) == 1
    first.close()
    expect(second.get_by_role("status").first).to_have_text("Subscribed and awake.")
    site.notify.send("twice")
    expect(second.locator("#shown li")).to_have_count(2)


def test_a_spoiled_message_is_dropped_and_said(site: Site) -> None:
    page = site.subscribed()
    (target,) = site.notify.sender.subscriptions
    site.notify.sender.send(target._replace(auth=bytes(16)), "nobody can read this")
    expect(page.locator("#shown li")).to_contain_text("a message was dropped")
    until(lambda: waiting(site) == 0)
    assert (site.shown(), waiting(site)) == ([], 0)


def test_the_page_opens_the_example_of_the_rfc_byte_for_byte(site: Site) -> None:
    public = to_text(rfc.DEVICE_PUBLIC)
    key = {"kty": "EC", "crv": "P-256", "d": to_text(rfc.DEVICE_PRIVATE)}
    key |= {"x": to_text(rfc.DEVICE_PUBLIC[1:33]), "y": to_text(rfc.DEVICE_PUBLIC[33:])}
    found = site.page().evaluate(OPEN, [key, public, to_text(rfc.AUTH), to_text(rfc.BODY)])
    assert found == rfc.WATERMELON.decode()


def test_axe_finds_nothing_hard_to_use_light_or_dark(site: Site) -> None:
    page = site.subscribed()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert axe(page) == []
