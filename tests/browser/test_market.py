"""The market's page: orders and their answers, two browsers that trade, books that fold, a server that goes away."""

import pytest

from rtlab.clients import LongPolling

from .conftest import until

EMPTY = "quiet:Empty"


@pytest.fixture(autouse=True)
def _quiet_can_be_imported(monkeypatch, pytestconfig):
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath / "tests" / "browser"))


def place(page, side="buy", quantity="10", price="", stock="ACME"):
    page.select_option("#side", side)
    for field, text in (("stock", stock), ("quantity", quantity), ("price", price)):
        page.fill(f"#{field}", text)
    page.get_by_role("button", name="Place").click()


def orders(page):
    """Each of the visitor's orders in words, with its state; the newest first."""
    rows = page.locator("#orders tbody tr").all()
    return [tuple(row.locator("td").all_inner_texts()[n] for n in (0, 2)) for row in rows]


def have(page, *wanted):
    until(lambda: orders(page) == list(wanted))
    assert orders(page) == list(wanted)


def test_an_order_waits_is_acknowledged_and_cancelled_and_the_meter_agrees_with_the_tap(site, by):
    with site(EMPTY) as it:
        it.tolerate("status of 400")
        page = it.page("market", by=by, interval=1500)
        place(page, price="99.50")
        have(page, ("buy 10 ACME at 99.50", "waiting"))
        assert all(" ms" in text for text in page.locator("#orders tbody td").all_inner_texts()[3:5])
        page.locator("#ladder").get_by_text("99.50").wait_for()
        place(page, stock="ACNE")
        page.get_by_text("Stock 'ACNE' is not listed here: choose one of ACME").wait_for()
        assert page.locator("#stock[aria-invalid=true]").input_value() == "ACNE", "what was typed stays"
        page.get_by_role("button", name="cancel buy 10 ACME").click()
        have(page, ("buy 10 ACME at 99.50", "cancelled"))
        seen = []

        def agree():
            said, wire = page.meter(), it.wire(page)
            seen[:] = [(said["requests"], said["bytes"]), wire]
            return seen[0] == seen[1]

        until(agree)
        assert seen[0] == seen[1]
        it.check()


def test_two_browsers_trade_with_each_other(site):
    with site(EMPTY) as it:
        ada, bob = it.page("market", by="websocket"), it.page("market", by="sse")
        ada.fill("#trader", "Ada")
        bob.fill("#trader", "Bob")
        place(ada, "sell", "7", "100.00")
        have(ada, ("sell 7 ACME at 100.00", "waiting"))
        bob.locator("#ladder").get_by_text("100.00").wait_for()
        place(bob, "buy", "5")
        have(bob, ("buy 5 ACME at any price", "filled"))
        have(ada, ("sell 7 ACME at 100.00", "waiting"))
        until(lambda: "-5 ACME" in ada.inner_text("#account"))
        assert ada.inner_text("#account") == "Ada has -5 ACME, and 500.00 in money."
        assert bob.inner_text("#account") == "Bob has 5 ACME, and -500.00 in money."
        for page in (ada, bob):
            assert page.locator("#trades tbody tr").all_inner_texts() == ["ACME\t5\t100.00"]
        place(bob, "buy", "5")
        bob.get_by_text("dropped").wait_for()  # two were left, nobody sells the other three
        have(ada, ("sell 7 ACME at 100.00", "filled"))
        it.check()


def test_a_restart_is_told_and_an_order_from_meanwhile_is_placed_once(site, by):
    with site(EMPTY) as it:
        page = it.page("market", by=by, interval=300)
        place(page, price="90")
        have(page, ("buy 10 ACME at 90.00", "waiting"))
        it.tolerate("net::|WebSocket connection")
        it.kill()
        page.locator("#state[data-state=waiting]").wait_for()
        place(page, price="91")
        have(page, ("buy 10 ACME at 91", "being sent"), ("buy 10 ACME at 90.00", "waiting"))
        it.start()
        have(page, ("buy 10 ACME at 91.00", "waiting"), ("buy 10 ACME at 90.00", "gone"))
        page.get_by_text("The exchange was started again").wait_for()
        with LongPolling(f"http://127.0.0.1:{it.port}/channels/market", after="start") as reader:
            told = [event.data for event in reader.events(timeout=0.5)]
        assert [each["price"] for each in told if each["kind"] == "order"] == ["91"], "once"
        it.check(themes=("light",))


@pytest.mark.parametrize("by", ["websocket", "long"])
def test_a_page_that_draws_once_a_second_draws_the_newest_and_says_what_was_folded(site, by):
    with site("market") as it:
        page = it.page("market", by=by)
        page.select_option("#pace", "1000")

        def folding():
            return {
                k: float(v)
                for k, v in page.evaluate("({...document.querySelector('#folding').dataset})").items()
                if v
            }

        until(lambda: folding().get("drawn", 0) >= 1)
        before = folding()
        until(lambda: folding()["changes"] >= before["changes"] + 100)
        said = folding()
        assert said["drawn"] - before["drawn"] < (said["changes"] - before["changes"]) / 4
        folded = said["server"] + said["page"] + said["drawn"]
        assert abs(said["changes"] - folded) <= 2, "each change is drawn or folded; one may be on its way"
        page.get_by_role("button", name="EURUSD").click()
        page.get_by_text("European Central Bank").wait_for()
        it.check()


def test_a_narrow_page_does_not_scroll_sideways_and_works_by_keyboard(site):
    with site(EMPTY) as it:
        page = it.page("market", options={"viewport": {"width": 320, "height": 640}})
        page.get_by_role("button", name="BOLT").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.focus("#price")
        page.keyboard.type("48")
        page.keyboard.press("Enter")
        have(page, ("buy 10 ACME at 48.00", "waiting"))
        it.check()
