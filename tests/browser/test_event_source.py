"""What lesson 05 says of a browser's `EventSource`, in a real browser: the recordings in the lesson still hold."""

from typing import Any

import pytest
from playwright.sync_api import expect

from rtlab.teach.lesson_05.recorded import ASKED, EIGHT, EIGHT_ASKED
from rtlab.teach.lesson_05.stage import Answer, Stage


@pytest.mark.parametrize("script", ASKED, ids=str)
def test_it_comes_back_from_a_cut_and_gives_up_at_any_answer_but_a_stream(
    script: tuple[Answer, ...], page: Any
) -> None:
    with Stage(script) as stage:
        page.goto(stage.browser_url())
        ends = "open" if ASKED[script][-1].answer == "hold" else "closed"
        state = page.locator("tbody td").nth(1)
        page.wait_for_function(f"() => document.querySelectorAll('td')[2].textContent == {len(ASKED[script])}"
                               if ends == "open" else "() => document.querySelector('td.closed')")  # fmt: skip
        expect(state).to_have_text(ends)
        page.wait_for_timeout(500)  # five times `retry`: one that had not given up would have come
        assert tuple(stage.asked) == ASKED[script]
        page.goto("about:blank")


def test_six_of_eight_open_and_the_next_when_one_is_closed(page: Any) -> None:
    with Stage() as stage:
        page.goto(stage.browser_url(streams=8))
        rows = page.locator("tbody tr")
        expect(page.locator("td.open")).to_have_count(6)
        page.wait_for_timeout(1000)  # more would have come by now, and the fetch has been sent
        shown = [": ".join(row.split("\t")[:2]) for row in rows.all_inner_texts()]
        assert shown == list(EIGHT)
        assert len(stage.asked) == EIGHT_ASKED
        page.locator("button").nth(0).click()
        expect(rows.nth(6).locator("td.open")).to_have_count(1)
        assert len(stage.asked) == 7
        for number in (1, 2):
            page.locator("button").nth(number).click()
        expect(rows.nth(8)).to_contain_text("answered")
        page.goto("about:blank")
