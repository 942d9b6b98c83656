"""The shared text's page in real browsers: two who write at once, offline, and over a server that is killed."""

import pytest
from playwright.sync_api import expect

from rtlab.apps.text import EVERY
from rtlab.apps.text.operations import encode
from rtlab.apps.text.replica import Replica
from rtlab.clients import Publisher

from .conftest import AWAY, SECONDS, until

NOTHING_WAITS = "Everybody has what you see."


def text(page):
    return page.input_value("#text")


def write(page, words, at=None):
    """Type at a place of the text, by default where the caret is."""
    page.focus("#text")
    if at is not None:
        page.evaluate("at => document.getElementById('text').setSelectionRange(at, at)", at)
    page.locator("#text").press_sequentially(words)


def both_read(ada, bob, wanted, seconds=SECONDS):
    until(lambda: text(ada) == text(bob) == wanted, seconds)
    assert text(ada) == wanted
    assert text(bob) == wanted


def two(it, by="websocket", other=None):
    pages = it.page("text", by=by), it.page("text", by=other or by)
    for page in pages:
        expect(page.locator("#text")).to_be_enabled()
    return pages


@pytest.mark.parametrize(("by", "other"), [("websocket", "long"), ("sse", "short")])
def test_two_who_were_both_offline_converge_and_see_each_others_carets(site, by, other):
    with site("text") as it:
        ada, bob = two(it, by, other)
        for page, name in ((ada, "Ada"), (bob, "Bob")):
            page.fill("#name", name)
        write(ada, "The sea is wide.", 0)
        both_read(ada, bob, "The sea is wide.")
        expect(bob.locator("#people li")).to_have_text(["Ada"])
        expect(bob.locator("#mirror .caret")).to_have_attribute("data-name", "Ada")
        for page in (ada, bob):
            page.get_by_role("button", name="Work offline").click()
        write(ada, "calm and ", 11)
        write(bob, "very ", 11)
        write(bob, "Listen: ", 0)
        assert text(ada) == "The sea is calm and wide."
        assert text(bob) == "Listen: The sea is very wide."
        expect(ada.locator("#kept")).to_contain_text("Kept here until you are online: 1 change")
        expect(bob.locator("#people li")).to_have_count(0)
        bob.get_by_role("button", name="Go online").click()
        ada.reload()  # which brings her online as well
        until(lambda: text(ada) == text(bob) and "calm" in text(bob))
        assert text(ada) == text(bob)
        assert text(ada) in (
            "Listen: The sea is calm and very wide.",
            "Listen: The sea is very calm and wide.",
        )
        for page in (ada, bob):
            expect(page.locator("#kept")).to_have_text(NOTHING_WAITS)
        expect(bob.locator("#mirror .caret")).to_have_count(1)
        ada.close(run_before_unload=True)
        expect(bob.locator("#people li")).to_have_count(0)
        expect(bob.locator("#mirror .caret")).to_have_count(0)
        it.pages.remove(ada)
        ada.context.close()
        it.check()


def test_the_copies_bring_the_text_back_to_a_server_that_has_forgotten_it(site):
    with site("text") as it:
        ada, bob = two(it, "sse", "long")
        write(ada, "kept")
        both_read(ada, bob, "kept")
        it.tolerate(AWAY)
        it.kill()
        write(ada, " here", 4)
        write(bob, "It is ", 0)
        expect(ada.locator("#kept")).to_contain_text("On the way")
        it.start()
        both_read(ada, bob, "It is kept here", 2 * SECONDS)
        late = it.page("text", by="short", interval=100)
        until(lambda: text(late) == "It is kept here")
        assert text(late) == "It is kept here"
        it.check(themes=("light",))


def test_a_caret_stays_at_its_letter_whatever_others_write_before_it(site):
    with site("text") as it:
        ada, bob = two(it)
        write(ada, "one 😀 three\nfour")
        both_read(ada, bob, "one 😀 three\nfour")
        write(ada, "", 7)
        write(bob, "zero\n", 0)
        both_read(ada, bob, "zero\none 😀 three\nfour")
        write(ada, "two ")
        both_read(ada, bob, "zero\none 😀 two three\nfour")
        ada.keyboard.press("Backspace")
        ada.keyboard.press("Shift+Home")
        ada.keyboard.press("Delete")
        both_read(ada, bob, "zero\nthree\nfour")
        expect(ada.locator("#tombstones")).to_have_text("10")
        assert it.faults == []


def test_what_is_refused_is_said_at_the_text_and_key_by_key_each_is_an_event(site):
    with site("text") as it:
        it.tolerate("status of 400")
        ada, bob = two(it, "long")
        ada.select_option("#pace", "0")
        write(ada, "abc")
        both_read(ada, bob, "abc")
        expect(bob.locator("#events")).to_have_text("3")
        bob.fill("#name", "<b>")
        bob.keyboard.press("Tab")
        expect(bob.locator("#name-problem")).to_contain_text("1 to 24")
        ada.evaluate("document.getElementById('text').value = 'x'.repeat(20_000)")
        ada.evaluate("document.getElementById('text').dispatchEvent(new InputEvent('input'))")
        expect(ada.locator("#text-problem")).to_contain_text("The text is full: it holds 20,000 letters")
        assert text(ada) == "abc"
        it.check(themes=("light",))


def test_who_was_away_for_longer_than_the_log_keeps_and_who_comes_late_read_the_whole(site):
    with site("text", options=("--events", str(EVERY + 20))) as it:
        ada, bob = two(it, "sse")
        write(ada, "Here.")
        both_read(ada, bob, "Here.")
        bob.get_by_role("button", name="Work offline").click()
        write(bob, " Bob.", 5)
        eve = Replica("eve")
        with Publisher(f"http://127.0.0.1:{it.port}/channels/text") as publisher:
            for number in range(2 * EVERY + 50):
                publisher.publish(encode(eve.delete(0) if number % 4 == 3 else eve.insert(0, "x")))
        bob.get_by_role("button", name="Go online").click()
        late = it.page("text", by="long")
        wanted = len(eve.text) + len("Here. Bob.")
        until(lambda: {len(text(page)) for page in (ada, bob, late)} == {wanted})
        assert text(ada) == text(bob) == text(late)
        assert "Here. Bob." in text(late)
        assert it.faults == []
