"""The live view of a race: what its traits tell, what its knobs do, and what is drawn of it in a browser."""

import base64
import json
import time

import pytest

from rtlab.lab import Lab
from rtlab.technique import NAMES
from rtlab.view.race import Race
from rtlab.view.race_result import COLUMNS
from rtlab.view.race_runner import RACERS
from rtlab.view.race_widget import RaceView


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


def until(condition, seconds=20.0):
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def parts(race):
    """The button, the four knobs and the view of a race."""
    controls, view = race.widget().children
    return *controls.children, view


def test_the_news_add_up_to_the_race_each_told_once(lab):
    race = Race(lab, rate=40.0, interval=0.1, delay=0.01, seed=2)
    *_, view = parts(race)
    told = []
    view.observe(lambda change: told.append(change["new"]), names="news")
    result = race.run(seconds=1.5)
    events = [event for news in told for event in news["events"]]
    arrivals = [arrival for news in told for arrival in news["arrivals"]]
    empties = [empty for news in told for empty in news["empties"]]
    assert [number for number, _ in events] == list(range(result.events))
    for lane, technique in enumerate(RACERS):
        mine = [number for of_lane, number, _ in arrivals if of_lane == lane]
        assert mine == list(range(result.events)), technique
    appended = dict(map(tuple, events))
    assert all(at - appended[number] >= 9.9 for _, number, at in arrivals)
    assert len(empties) == result["short"].empty + result["adaptive"].empty
    nows = [news["now"] for news in told]
    assert nows == sorted(nows)
    assert {news["run"] for news in told} == {told[0]["run"]}
    assert json.dumps(told)  # it goes to the browser


def test_updates_come_in_batches_not_one_for_each_event(lab):
    race = Race(lab, rate=200.0, interval=0.1, delay=0.0)
    *_, view = parts(race)
    told = []
    view.observe(told.append, names="news")
    result = race.run(seconds=1.5)
    assert 5 * result.events > 10 * len(told)


def test_the_table_holds_the_figures_at_the_end(lab):
    race = Race(lab, rate=20.0, interval=0.1, delay=0.0, seed=3)
    *_, view = parts(race)
    result = race.run(seconds=0.5)
    assert view.figures["rows"] == [finish.row() for finish in result]
    assert view.figures["counted"].startswith(f"{result.events} events in")
    assert f"WebSocket {result['websocket'].row()[0]}" in view.about
    assert not view.running


def test_the_button_starts_and_stops(lab):
    race = Race(lab, rate=5.0, delay=0.0)
    button, *_, view = parts(race)
    assert button.description == "Start"
    button.click()
    until(lambda: view.running)
    assert button.description == "Stop"
    button.click()
    assert not race.running
    assert not view.running
    assert button.description == "Start"
    button.click()
    until(lambda: view.running and view.news["run"] > 2)
    race.close()


def test_each_knob_turns_the_race(lab):
    race = Race(lab, rate=5.0, delay=0.0)
    _, source, rate, interval, delay, _ = parts(race)
    rate.value, interval.value, delay.value, source.value = 10.0, 0.5, 80, "machine"
    assert race.knobs.rate == pytest.approx(10.0)
    assert (race.knobs.interval, race.knobs.delay, race.knobs.source) == (0.5, 0.08, "machine")


def test_the_knobs_follow_a_cell_that_turns_the_race(lab):
    race = Race(lab)
    _, source, rate, interval, delay, _ = parts(race)
    race.turn(rate=500.0, interval=0.25, delay=0.12, source="machine")
    assert race.knobs.rate == 500.0  # though the slider ends before
    assert (interval.value, delay.value, source.value) == (0.25, 120, "machine")
    assert rate.value == rate.base**rate.max


def test_what_goes_wrong_stands_in_the_view(lab):
    race = Race(lab, rate=50.0, delay=0.0)
    *_, view = parts(race)
    race.start()
    until(lambda: view.running)
    lab.close()
    until(lambda: view.trouble)
    assert "closed" in view.trouble
    assert not view.running


def test_nothing_is_printed(lab, capfd):
    race = Race(lab, rate=20.0, interval=0.1, delay=0.0)
    parts(race)
    race.run(seconds=0.5)
    assert capfd.readouterr() == ("", "")


def test_a_page_without_widgets_has_words(lab):
    shown = Race(lab, source="machine", rate=2.0)._repr_mimebundle_()
    assert shown["text/plain"] == "Race(machine events, 2 a second; polls every 1 s; one-way delay 40 ms)"
    assert "application/vnd.jupyter.widget-view+json" in shown


PAGE = """
<body><style>%(css)s</style><div id="view"></div><script type="module">
  const code = new TextDecoder().decode(Uint8Array.from(atob("%(code)s"), (byte) => byte.codePointAt(0)));
  const { default: make } = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const state = %(state)s, listeners = [];
  const model = {
    get: (name) => state[name],
    on: (name, call) => listeners.push([name, call]),
    off: (name, call) => listeners.splice(listeners.findIndex((each) => each[1] === call), 1),
  };
  window.set = (name, value) => {
    state[name] = value;
    for (const [event, call] of listeners) if (event === `change:${name}`) call();
  };
  window.count = () => listeners.length;
  const widget = make();
  widget.initialize({ model });
  window.undo = widget.render({ model, el: document.getElementById("view") });
</script></body>
"""


@pytest.fixture
def page(browser):
    """The view in a page, with a model beneath it as anywidget makes one."""
    state = {name: getattr(RaceView(), name) for name in ("lanes", "columns", "news", "figures", "running")}
    state |= {"about": "nothing yet", "trouble": ""}
    code = base64.b64encode(RaceView._esm.encode()).decode()
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.set_content(PAGE % {"css": RaceView._css, "code": code, "state": json.dumps(state)})
    page.wait_for_function("!!window.undo")
    yield page
    assert page.faults == []
    page.close()


# Points of one colour on the canvas, within 12 of each channel.
COLOURED = """(name) => {
  const canvas = document.querySelector("canvas"), view = document.getElementById("view");
  const wanted = getComputedStyle(view).getPropertyValue(`--${name}`).match(/\\w\\w/g).map((h) => parseInt(h, 16));
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4)
    found += data[i + 3] > 200 && wanted.every((value, n) => Math.abs(data[i + n] - value) < 12);
  return found;
}"""


def news(now, events=(), arrivals=(), empties=(), run=1):
    return {
        "run": run,
        "now": now,
        "events": [list(event) for event in events],
        "arrivals": [list(arrival) for arrival in arrivals],
        "empties": [list(empty) for empty in empties],
    }


def tell(page, name, value):
    page.evaluate("([name, value]) => window.set(name, value)", [name, value])


class TestInABrowser:
    def test_every_lane_shows_its_dot_in_its_technique_s_colour(self, page):
        for technique in RACERS:
            assert page.evaluate(COLOURED, technique) == 0
        tell(page, "news", news(2000, [(0, 500)], [(lane, 0, 900) for lane in range(5)], [(0, 1500)]))
        for technique in RACERS:
            page.wait_for_function(f"({COLOURED})('{technique}') > 30")

    def test_an_event_under_way_has_no_full_dot(self, page):
        tell(page, "news", news(2000, [(0, 500)], [(4, 0, 541)]))
        page.wait_for_function(f"({COLOURED})('websocket') > 60")
        assert 0 < page.evaluate(COLOURED, "short") < page.evaluate(COLOURED, "websocket")

    def test_a_new_run_begins_with_empty_lanes(self, page):
        tell(page, "news", news(2000, [(0, 500)], [(4, 0, 541)]))
        page.wait_for_function(f"({COLOURED})('websocket') > 60")
        tell(page, "news", news(0, run=2))
        page.wait_for_function(f"({COLOURED})('websocket') === 0")

    def test_the_page_turns_when_it_is_full_and_what_is_left_of_it_is_gone(self, page):
        tell(page, "news", news(2000, [(0, 500)], [(4, 0, 541)]))
        page.wait_for_function(f"({COLOURED})('websocket') > 60")
        tell(page, "news", news(20_000))
        page.wait_for_function(f"({COLOURED})('websocket') === 0")

    def test_a_running_race_moves_on_between_two_messages(self, page):
        tell(page, "running", True)
        tell(page, "news", news(1000, [(0, 1000)]))
        page.wait_for_function(f"({COLOURED})('short') > 5")  # shown only a moment after it was told

    def test_the_table_fills(self, page):
        headings = page.locator("thead th").all_inner_texts()
        assert headings == list(COLUMNS)
        rows = [[f"{technique} {number}" for number in range(5)] for technique in RACERS]
        tell(page, "figures", {"counted": "3 events in 2 s", "rows": rows})
        assert page.locator("caption").inner_text() == "3 events in 2 s"
        assert page.locator("tbody tr").nth(4).locator("td").all_inner_texts() == rows[4]
        names = page.locator("tbody th").all_inner_texts()
        assert [name.removeprefix("● ") for name in names] == [NAMES[technique] for technique in RACERS]

    def test_it_is_told_in_words_too(self, page):
        tell(page, "about", "12 events in 8 s. Median latencies: WebSocket 41 ms")
        label = page.locator("canvas").get_attribute("aria-label")
        assert page.locator("canvas").get_attribute("role") == "img"
        assert "WebSocket 41 ms" in label
        assert "short polling" in label
        tell(page, "trouble", "the lab was closed")
        assert page.get_by_role("alert").inner_text() == "the lab was closed"

    def test_it_follows_the_page_to_a_dark_ground(self, page):
        light = page.evaluate("getComputedStyle(document.querySelector('#view')).color")
        page.evaluate("document.body.setAttribute('data-jp-theme-light', 'false')")
        assert page.evaluate("getComputedStyle(document.querySelector('#view')).color") != light

    def test_a_view_that_is_removed_listens_no_more(self, page):
        before = page.evaluate("window.count()")
        page.evaluate("window.undo()")
        assert page.evaluate("window.count()") == 1 < before
