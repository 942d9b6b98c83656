"""The scores' page: goals, corrections, late readers, and a server that goes away."""

import pytest

from .conftest import until

ROUND = {
    "kind": "round",
    "seconds": 1,
    "matches": [
        {"match": "1", "home": "Iris", "away": "Ember"},
        {"match": "2", "home": "Anchor", "away": "Falcon"},
    ],
}
GOAL = {"kind": "goal", "match": "1", "side": "home", "minute": 12, "player": "Ito"}


@pytest.fixture(autouse=True)
def _quiet_can_be_imported(monkeypatch, pytestconfig):
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath / "tests" / "browser"))


def scores(page):
    return page.locator("#matches .score").all_inner_texts()


def show(page, *wanted):
    until(lambda: scores(page) == list(wanted))
    assert scores(page) == list(wanted)


def test_goals_count_once_a_correction_takes_one_back_and_a_late_reader_agrees(site, by):
    with site("quiet:Told") as it:
        page = it.page("scores", by=by, interval=300)
        it.publish("scores", ROUND)
        show(page, "0 : 0", "0 : 0")
        first = it.publish("scores", GOAL)
        it.publish("scores", GOAL | {"side": "away", "player": "<b>Abe</b>"})
        show(page, "1 : 1", "0 : 0")
        until(lambda: page.inner_text("#goal") == "Goal: Iris 1, 1 Ember")
        it.publish("scores", {"kind": "amend", "of": first, "to": None, "why": "offside"})
        show(page, "0 : 1", "0 : 0")
        late = it.page("scores", by=by)
        show(late, "0 : 1", "0 : 0")
        wanted = ["12′\nGoal for Ember: <b>Abe</b>", "12′\nGoal for Iris: Ito offside"]
        for each in (page, late):
            assert each.locator("#feed li").all_inner_texts() == wanted
            assert each.locator("#feed del").all_inner_texts() == ["Goal for Iris: Ito"]
        it.check()


def test_after_a_restart_a_new_match_day_is_shown_once_and_the_page_says_so(site, by):
    with site("quiet:Told") as it:
        page = it.page("scores", by=by, interval=300)
        it.publish("scores", ROUND)
        it.publish("scores", GOAL)
        show(page, "1 : 0", "0 : 0")
        it.restart()
        it.publish("scores", ROUND)
        for _ in range(2):
            it.publish("scores", GOAL | {"match": "2"})
        show(page, "0 : 0", "2 : 0")
        page.get_by_text("The server was started again").wait_for()
        assert page.locator("#feed li").count() == 2
        it.check(themes=("light",))


def test_a_match_day_plays_by_itself_also_on_a_narrow_page(site):
    with site("scores") as it:
        page = it.page("scores", options={"viewport": {"width": 320, "height": 640}})
        page.get_by_text("kick-off").first.wait_for()
        assert page.locator("#matches li").count() == 6
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        it.check()
