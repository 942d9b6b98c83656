"""The chat's page in real browsers: two at once, every technique, cuts in both directions."""

from playwright.sync_api import expect

from .conftest import AWAY, SECONDS, until


def ask(page, name, room="lobby"):
    """Ask for a name in a room."""
    page.fill("#name", name)
    page.fill("#room", room)
    page.get_by_role("button", name="Join").click()


def join(page, name, room="lobby"):
    """Ask for a name in a room, and get it."""
    ask(page, name, room)
    expect(page.locator("#text")).to_be_focused()


def say(page, text):
    page.fill("#text", text)
    page.keyboard.press("Enter")


def said(page):
    """The texts of the messages, in order."""
    return page.locator("#said li:not(.gap) > span").all_inner_texts()


def test_two_browsers_talk_and_see_who_is_here_who_types_and_what_was_seen(site, by):
    with site("chat") as it:
        it.publish("chat.room.lobby", {"kind": "message", "name": "eve", "text": "was here before"})
        ada, bob = it.page("chat", by=by), it.page("chat", by=by)
        expect(ada.locator("#said li")).to_have_count(1)
        join(ada, "ada")
        join(bob, "bob")
        for page in (ada, bob):
            expect(page.locator("#people li")).to_have_text(["ada", "bob"])
        bob.locator("#text").press_sequentially("hel")
        expect(ada.locator("#typing")).to_have_text("bob is typing …")
        say(bob, "hello <b>ada</b>")
        say(ada, "hello bob")
        for page in (ada, bob):
            expect(page.locator("#said li")).to_have_count(3)
            assert sorted(said(page)) == ["hello <b>ada</b>", "hello bob", "was here before"]
        assert said(ada) == said(bob)
        expect(bob.locator("#typing")).to_have_text("")
        expect(bob.locator("#said .mine .tick")).to_have_text("✓✓")
        bob.close(run_before_unload=True)
        expect(ada.locator("#people li")).to_have_text(["ada"])
        it.pages.remove(bob)
        bob.context.close()
        it.check()


def test_messages_survive_a_server_that_is_killed_and_are_shown_once_in_order(site, by):
    with site("chat") as it:
        ada, bob = it.page("chat", by=by), it.page("chat", by=by)
        join(ada, "ada")
        say(ada, "one")
        for page in (ada, bob):
            expect(page.locator("#said li")).to_have_count(1)
            expect(page.locator("#said .waiting")).to_have_count(0)
        it.tolerate(AWAY)
        it.kill()
        for text in ("two", "three"):
            say(ada, text)
        ada.fill("#text", "half a sen")
        expect(ada.locator("#said .waiting")).to_have_count(2)
        expect(ada.locator("#state[data-state=waiting]")).to_have_count(1)
        it.start()
        for page in (ada, bob):
            # Up to 10 s between two attempts, and Chromium waits before a socket to a server that has been away.
            until(lambda page=page: said(page) == ["one", "two", "three"], 2 * SECONDS)
            assert said(page) == ["one", "two", "three"]
            expect(page.locator("#said .gap")).to_have_count(1)  # another server: it says so
        expect(ada.locator("#said .waiting")).to_have_count(0)
        assert ada.input_value("#text") == "half a sen"
        expect(ada.locator("#people li")).to_have_text(["ada"])  # the lease was renewed by itself
        it.check(themes=("light",))


def test_a_connection_that_is_cut_while_messages_go_both_ways_loses_none_and_repeats_none(site, by):
    with site("chat") as it:
        it.tolerate(AWAY)
        ada, bob = it.page("chat", by=by), it.page("chat", by=by)
        join(ada, "ada")
        join(bob, "bob")
        for number in range(6):
            say(ada, f"ada {number}")
            it.tap.cut()
            say(bob, f"bob {number}")
            if number % 2:
                it.tap.cut()
        for page in (ada, bob):
            until(lambda page=page: len(said(page)) >= 12)
            assert sorted(said(page)) == sorted(
                f"{who} {number}" for who in ("ada", "bob") for number in range(6)
            )
            for who in ("ada", "bob"):
                assert [text for text in said(page) if text.startswith(who)] == [
                    f"{who} {n}" for n in range(6)
                ]
        assert said(ada) == said(bob)
        it.check(themes=("light",))


def test_what_is_refused_is_said_at_its_field_and_kept_there(site):
    with site("chat") as it:
        it.tolerate("status of 400")
        ada, bob = it.page("chat", by="websocket"), it.page("chat", by="long")
        say(ada, "hello")
        expect(ada.locator("#name-problem")).to_have_text("Say who you are first.")
        join(ada, "ada")
        expect(ada.locator("#people li")).to_have_text(["ada"])
        ask(bob, "Ada")
        expect(bob.locator("#name-problem")).to_have_text("The name Ada is taken: choose another one.")
        assert bob.get_attribute("#name", "aria-invalid") == "true"
        ask(bob, "bob", room="No Room")
        expect(bob.locator("#room-problem")).to_contain_text("a-z 0-9 -")
        join(bob, "bob")
        expect(bob.locator("#room-problem")).to_have_text("")
        for page in (ada, bob):
            say(page, "x" * 501)
            expect(page.locator("#text-problem")).to_contain_text("501 characters")
            assert page.input_value("#text") == "x" * 501
            say(page, "  ")
            expect(page.locator("#text-problem")).to_contain_text("empty")
        assert said(ada) == said(bob) == []
        it.check()


def test_a_message_that_waits_survives_a_reload_and_another_room_has_its_own(site):
    with site("chat") as it:
        it.tolerate(AWAY)
        ada = it.page("chat", by="sse")
        join(ada, "ada", room="kitchen")
        expect(ada.locator("#people li")).to_have_text(["ada"])
        it.kill()
        say(ada, "kept")
        it.start()
        ada.reload()
        join(ada, "eve", room="kitchen")
        until(lambda: said(ada) == ["kept"])
        assert said(ada) == ["kept"]
        join(ada, "eve", room="lobby")
        expect(ada.locator("#people li")).to_have_text(["eve"])
        assert said(ada) == []


def test_a_narrow_page_does_not_scroll_sideways(site):
    with site("chat") as it:
        page = it.page("chat", options={"viewport": {"width": 320, "height": 640}})
        join(page, "ada")
        say(page, "x" * 200)
        expect(page.locator("#said li")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        it.check()
