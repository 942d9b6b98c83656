"""The server's own page, in a real browser: one channel by every technique that a browser has."""

from rtlab import Lab


def test_the_page_reads_a_channel_by_every_technique_and_goes_on_from_its_cursor(page):
    with Lab() as lab:
        lab.publish("news", "before")
        page.goto(lab.browser_url("/"))
        page.locator("li").nth(0).wait_for()
        for number, by in enumerate(["short", "long", "sse", "websocket"]):
            page.select_option("#by", by)
            page.fill("#data", f'{{"by": "{by}"}}')
            page.click("button")
            page.locator("li").nth(number + 1).wait_for()
        shown = page.locator("li span").all_inner_texts()
        assert shown == ['{"by":"websocket"}', '{"by":"sse"}', '{"by":"long"}', '{"by":"short"}', '"before"']
        assert page.faults == []
        page.goto("about:blank")


def test_the_page_tells_of_a_gap_and_shows_markup_as_text(page):
    from rtlab.server.limits import Limits

    with Lab(limits=Limits(events=2)) as lab:
        page.goto(lab.browser_url("/"))
        page.locator("#state", has_text="event stream is open").wait_for()
        for number in range(3):
            lab.publish("news", number)
        page.locator("li", has_text="2").first.wait_for()
        page.goto("about:blank")
        lab.publish("news", "<b onclick=alert(1)>bold</b>")
        page.goto(lab.browser_url("/"))
        page.locator("li span", has_text="<b onclick=alert(1)>bold</b>").wait_for()
        assert page.locator("li b").count() == 0
        page.goto("about:blank")


def test_what_is_not_json_is_refused_beside_the_field(page):
    with Lab() as lab:
        page.goto(lab.browser_url("/"))
        page.fill("#data", "hello")
        page.click("button")
        page.locator("#state", has_text="not JSON").wait_for()
        assert page.locator("li").count() == 0
        page.goto("about:blank")
