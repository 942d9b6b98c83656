"""The live dashboard in a browser, by each technique: samples, an alert, a pause, a look back, a restart."""

import re

import pytest
from playwright.sync_api import expect

from rtlab.apps.dashboard.metrics import METRICS

from .conftest import axe

STAGED = "tests.apps.dashboard.staged:Staged"
SECONDS = 20_000  # milliseconds


def fill(page, **fields):
    """Fill in the rule once the page knows the one that holds, and apply it."""
    expect(page.locator("#above")).to_have_value("90", timeout=SECONDS)
    for name, value in fields.items():
        field = page.locator(f"#{name}")
        field.select_option(value) if name == "metric" else field.fill(value)
    page.locator("#apply").click()


def figure(page, name):
    return page.locator("#figures div").filter(has_text=re.compile(f"^{name}")).locator("dd")


def test_an_alert_is_raised_and_cleared_across_a_restart(site, by):
    with site(STAGED) as it:
        page = it.page("dashboard", by=by, interval=200)
        expect(figure(page, "memory")).to_have_text("40 %", timeout=SECONDS)
        fill(page, seconds="0.2", clear="50")
        expect(page.locator("#applied")).to_have_text("Applied.", timeout=SECONDS)
        it.publish("dashboard.stage", {"cpu": 95})
        expect(page.locator("#alert")).to_have_text("Alert: processor above 90 % for 0.2 s.", timeout=SECONDS)
        it.publish("dashboard.stage", {"cpu": 20})
        expect(page.locator("#alert")).to_have_text("No alert.", timeout=SECONDS)
        assert page.locator("#alerts li").count() == 2
        it.restart()
        expect(page.locator("#alerts .gap")).to_contain_text("missing here", timeout=SECONDS)
        it.publish("dashboard.stage", {"cpu": 77})
        expect(figure(page, "processor")).to_have_text("77 %", timeout=SECONDS)
        assert page.meter()["technique"] == by
        it.check()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("above", "101", "a number of % from 0 to 100"),
        ("clear", "95", "give a number up to 90"),
        ("seconds", "soon", "'soon'"),
        ("rate", "", "This is empty"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field_and_what_was_typed_stays(
    site, field, value, sentence
):
    with site(STAGED) as it:
        it.tolerate("400")  # the browser's own line for a POST that is refused
        page = it.page("dashboard", by="sse")
        fill(page, **{field: value})
        expect(page.locator(f"#{field}-problem")).to_contain_text(sentence, timeout=SECONDS)
        assert page.locator(f"#{field}").get_attribute("aria-invalid") == "true"
        assert page.evaluate("document.activeElement.id") == field
        assert page.locator(f"#{field}").input_value() == value
        it.check(themes=("light",))


def test_paused_it_looks_back_as_far_as_the_log_goes(site):
    with site(STAGED) as it:
        first = it.page("dashboard", by="websocket")  # so that there is something to look back at
        expect(figure(first, "memory")).to_have_text("40 %", timeout=SECONDS)
        it.publish("dashboard.stage", {"cpu": 60})
        expect(figure(first, "processor")).to_have_text("60 %", timeout=SECONDS)
        page = it.page("dashboard", by="sse")
        expect(figure(page, "processor")).to_have_text("60 %", timeout=SECONDS)
        page.get_by_role("button", name="Pause").click()
        it.publish("dashboard.stage", {"cpu": 33})
        expect(figure(first, "processor")).to_have_text("33 %", timeout=SECONDS)
        expect(figure(page, "processor")).to_have_text("60 %")
        page.get_by_role("button", name="Read what is older").click()
        expect(page.locator("#shown")).to_contain_text("samples kept here", timeout=SECONDS)
        page.locator("#when").focus()
        page.keyboard.press("Home")  # the slider is for the keyboard, too
        assert page.locator("#when").input_value() == "0"
        page.get_by_role("button", name="Go on").click()
        expect(figure(page, "processor")).to_have_text("33 %", timeout=SECONDS)
        it.check()


def test_the_classic_page_reloads_itself_counts_what_that_costs_and_is_hard_to_use(site):
    with site(STAGED) as it:
        page = it.page("dashboard", by="sse")
        page.get_by_role("link", name="The classic way").click()
        expect(page.locator("#meter")).to_have_attribute(
            "data-requests", re.compile("^[3-9]$"), timeout=SECONDS
        )
        assert page.locator("dd").first.inner_text() == "5 %"
        assert page.meter()["bytes"] > 3000
        assert it.faults == []
        (fault,) = axe(page)  # a page that reloads itself takes the reader's place away, as axe says too
        assert fault.startswith("Delayed refresh")


def test_the_rule_offers_every_metric_that_there_is(site):
    with site(STAGED) as it:
        page = it.page("dashboard", by="sse")
        offered = page.locator("#metric option").evaluate_all("all => all.map(option => option.value)")
        assert offered == list(METRICS)


def test_it_fits_a_narrow_screen(site):
    with site(STAGED) as it:
        page = it.page("dashboard", by="long", options={"viewport": {"width": 360, "height": 800}})
        expect(figure(page, "memory")).to_have_text("40 %", timeout=SECONDS)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        it.check()
