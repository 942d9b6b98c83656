"""The devices' page in a browser, by each technique: orders, answers, silence, a restart."""

import re

import pytest
from playwright.sync_api import expect

SECONDS = 25_000  # milliseconds


def row(page, device):
    return page.locator(f"#fleet tr[data-device={device}]")


def there(page, device):
    expect(row(page, device).locator(".state")).to_have_text("there", timeout=SECONDS)


def order(page, device, command, value="", within="20"):
    for name, text in {"device": device, "command": command, "value": value, "within": within}.items():
        page.locator(f"#{name}").fill(text)
    page.get_by_role("button", name="Send").click()


def outcome(page, text, place=0):
    expect(page.locator("#orders li").nth(place).locator(".outcome")).to_have_text(text, timeout=SECONDS)


def test_an_order_is_done_before_and_after_a_restart_and_given_once(site, by):
    with site("devices") as it:
        page = it.page("devices", by=by, interval=200)
        there(page, "lamp-3")
        order(page, "lamp-3", "on")
        outcome(page, "done")
        expect(page.locator("#orders li .words").first).to_have_text("shines at 100 %")
        it.restart()
        page.get_by_role("button", name="Send").click()  # perhaps before the server is back
        there(page, "lamp-3")
        outcome(page, "done")
        assert page.locator("#orders li").count() == 2
        assert page.meter()["technique"] == by
        it.check()


def test_a_device_that_is_switched_off_falls_silent_its_order_times_out_and_back_again_it_says_so(site):
    with site("devices") as it:
        page, other = it.page("devices", by="websocket"), it.page("devices", by="sse")
        there(page, "lamp-3")
        there(other, "lamp-3")
        page.get_by_role("button", name="Switch the radio of lamp-3 off").click()
        expect(other.get_by_role("button", name="Switch the radio of lamp-3 on")).to_be_visible(
            timeout=SECONDS
        )
        page.wait_for_timeout(500)  # its reader needs a moment to close
        order(page, "lamp-3", "on", within="1")
        outcome(page, "timed out")
        outcome(other, "timed out")
        expect(row(page, "lamp-3").locator(".state")).to_have_text("silent", timeout=SECONDS)
        other.get_by_role("button", name="Switch the radio of lamp-3 on").click()
        outcome(page, "expired")
        expect(page.locator("#orders li .words").first).to_contain_text("too late")
        there(page, "lamp-3")
        it.check()


@pytest.mark.parametrize(
    ("device", "command", "value", "within", "field", "sentence"),
    [
        ("toaster", "on", "", "5", "device", "There is no device 'toaster'"),
        ("lamp-1", "open", "", "5", "command", "it knows on, off, dim"),
        ("lamp-1", "dim", "400", "5", "value", "per cent from 1 to 100"),
        ("lamp-1", "on", "", "", "within", "This is empty"),
        ("<b>lamp</b>", "on", "", "5", "device", "no device '<b>lamp</b>'"),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_its_field(
    site, device, command, value, within, field, sentence
):
    with site("devices") as it:
        it.tolerate("400")  # the browser's own line for a POST that is refused
        page = it.page("devices", by="sse")
        order(page, device, command, value, within)
        expect(page.locator(f"#{field}-problem")).to_contain_text(sentence, timeout=SECONDS)
        assert page.locator(f"#{field}").get_attribute("aria-invalid") == "true"
        assert page.locator("#device").input_value() == device
        assert page.locator("#orders li").count() == 0
        it.check(themes=("light",))


def test_an_order_can_be_given_with_the_keyboard_alone_and_its_end_is_announced(site):
    with site("devices") as it:
        page = it.page("devices", by="websocket")
        there(page, "valve-3")
        page.locator("#device").focus()
        page.keyboard.type("valve-3")
        page.keyboard.press("Escape")  # closes the list of names
        page.keyboard.press("Tab")
        page.keyboard.type("close")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        outcome(page, "refused")
        expect(page.get_by_role("status").filter(has_text="valve-3")).to_contain_text("closed already")
        it.check()


def test_it_fits_a_narrow_screen_and_tells_what_listening_costs(site):
    with site("devices") as it:
        page = it.page("devices", by="long", options={"viewport": {"width": 360, "height": 800}})
        there(page, "lamp-1")
        lasts = row(page, "lamp-1").locator("td").nth(6)
        expect(lasts).to_have_text(re.compile("hours|days"), timeout=SECONDS)
        before = lasts.inner_text()
        page.locator("#radio").select_option("wifi")
        assert lasts.inner_text() != before
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        it.check()
