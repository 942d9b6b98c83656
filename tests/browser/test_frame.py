"""What every application has, on the smallest page: the switch, the state, a meter that is true to the wire."""

import pytest

from .conftest import until

VOTE = "vote:Vote"


@pytest.fixture(autouse=True)
def _vote_can_be_imported(monkeypatch, pytestconfig):
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath / "docs"))


def votes(page):
    return [int(text) for text in page.locator("output").all_inner_texts()]


def test_the_meter_says_what_the_tap_saw_for_this_page(site, by):
    with site(VOTE) as it:
        # Slow enough that the counts stand still between two questions.
        page, other = it.page("vote", by=by, interval=3000), it.page("vote", by="short")
        for number in range(3):
            page.get_by_role("button", name="both").click()
            it.publish("vote.cast", {"choice": "polling"})
            until(lambda sum=2 * number + 2: votes(page)[0] + votes(page)[2] == sum)
        seen = []

        def agree():
            said, wire = page.meter(), it.wire(page)
            seen[:] = [(said["requests"], said["bytes"]), wire]
            return seen[0] == seen[1]

        until(agree)
        assert seen[0] == seen[1]
        said = page.meter()
        assert said["technique"] == by
        assert said["events"] >= 4 if by not in ("short", "adaptive") else said["events"] >= 2
        assert said["latency-ms"] >= 0
        assert it.wire(other)[0] > 0
        it.check()


def test_a_page_goes_on_when_its_server_was_killed_and_keeps_what_was_clicked_meanwhile(site, by):
    with site(VOTE) as it:
        page = it.page("vote", by=by)
        page.get_by_role("button", name="both").click()
        until(lambda: votes(page) == [0, 0, 1])
        assert votes(page) == [0, 0, 1]
        it.tolerate("net::|WebSocket connection")
        it.kill()
        page.get_by_role("button", name="streaming").click()
        page.locator("#state[data-state=waiting]").wait_for()
        it.start()
        until(lambda: votes(page) == [0, 1, 0])  # another server counts anew; the click was not lost
        assert votes(page) == [0, 1, 0]
        page.locator("#state[data-state=open]").wait_for()
        it.check(themes=("light",))


def test_a_switch_begins_a_row_of_its_own_and_the_first_keeps_its_figures(site):
    with site(VOTE) as it:
        page = it.page("vote", by="websocket")
        until(lambda: page.meter()["bytes"] > 0)
        page.select_option("#by", "long")
        until(lambda: page.meter()["technique"] == "long" and page.meter()["requests"] > 1)
        rows = page.locator("#meter tbody tr").all_inner_texts()
        assert [row.split("\t")[0] for row in rows] == ["WebSocket", "long polling"]
        assert page.evaluate("document.documentElement.dataset.technique") == "long"
        it.check()


def test_a_narrow_page_does_not_scroll_sideways(site):
    with site(VOTE) as it:
        page = it.page("vote", options={"viewport": {"width": 320, "height": 640}})
        page.locator("output").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        it.check()


def test_the_list_of_applications_links_to_each(site):
    with site(VOTE) as it:
        page = it.page()
        page.get_by_role("link", name="Vote").click()
        page.locator("output").first.wait_for()
        it.check()
