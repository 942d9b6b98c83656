"""The race: every technique at once on one channel, and what comes out of it."""

import _thread
import http.server
import itertools
import random
import threading
import time

import pytest

from rtlab.errors import BadInput, RtlabError, ServerError
from rtlab.lab import Lab
from rtlab.view.race import Race
from rtlab.view.race_heat import Knobs
from rtlab.view.race_pace import MOST, Noted, SameBudget
from rtlab.view.race_result import COLUMNS, Finish
from rtlab.view.race_runner import RACERS, Runner

DELAY = 0.02


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def raced():
    """A race that was run to its end, with its lab still there."""
    with Lab() as lab:
        race = Race(lab, rate=8.0, interval=0.1, delay=DELAY, seed=4, channels=2)
        yield race, race.run(seconds=2.0)


def until(condition, seconds=20.0):
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def threads():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("rtlab race")]


class TestFactsThatHoldOnABusyMachineToo:
    def test_every_technique_has_every_event_exactly_once_and_in_order(self, raced):
        _, result = raced
        assert [finish.technique for finish in result] == list(RACERS)
        assert result.events > 0
        assert set(result.published) == {"race", "race-2"}
        for finish in result:
            assert finish.received == result.published
            assert finish.gaps == 0

    def test_no_event_arrives_earlier_than_one_way_after_its_append(self, raced):
        _, result = raced
        for finish in result:
            assert len(finish.latencies) == result.events
            assert min(finish.latencies) >= DELAY

    def test_an_open_connection_asks_once_and_a_poll_again_and_again(self, raced):
        _, result = raced
        assert result["sse"].requests == result["websocket"].requests == 2
        assert result["short"].requests > result["short"].empty > 0
        assert result["long"].requests > 2

    def test_nobody_who_joins_makes_the_server_answer_a_held_poll(self, raced):
        _, result = raced
        assert result["long"].empty == 0

    def test_nothing_of_the_race_is_left_when_it_is_over(self, raced):
        assert threads() == []


def test_a_seed_gives_the_same_number_of_events_each_time(lab):
    race = Race(lab, rate=20.0, interval=0.2, delay=0.0, seed=7)
    first, second = race.run(seconds=0.5), race.run(seconds=0.5)
    assert first.events == second.events > 0
    assert first.published != second.published  # they are not the same events, though


def test_a_race_over_real_metrics(lab):
    result = Race(lab, source="machine", rate=10.0, interval=0.1, delay=0.0, seed=1).run(seconds=0.5)
    assert all(finish.received == result.published for finish in result)


def test_turning_a_knob_acts_on_the_running_race_and_begins_the_figures_anew(lab):
    with Race(lab, rate=5.0, interval=0.1, delay=0.0) as race:
        race.start()
        until(lambda: race.heat.began and race.result().events)
        race.turn(delay=0.05, rate=50.0, interval=0.05, source="machine")
        before = race.heat.results()
        assert before.start > race.heat.began
        until(lambda: len(race.result()["websocket"].latencies) >= 20)
        assert min(race.result()["websocket"].latencies) >= 0.05
        assert race.result()["websocket"].requests == 0  # the handshake was before
        assert race.knobs == Knobs("machine", 50.0, 0.05, 0.05)
        assert race.running
    assert not race.running
    assert threads() == []


def test_what_a_cell_publishes_races_too(lab):
    with Race(lab, rate=0.001, interval=0.05, delay=0.0) as race:
        race.start()
        until(lambda: race.heat.began)
        id = lab.publish("race", "by hand")
        until(lambda: all(finish.received["race"] == (id,) for finish in race.result()))


def test_a_busy_kernel_does_not_stop_the_race(lab):
    with Race(lab, rate=50.0, interval=0.1, delay=0.0) as race:
        race.start()
        until(lambda: race.heat.began)
        time.sleep(0.5)  # a cell that does nothing else
        assert race.result()["sse"].latencies


def test_a_new_race_ends_the_one_before_and_a_run_may_be_repeated(lab):
    first, second = (Race(lab, rate=5.0, delay=0.0) for _ in range(2))
    first.start()
    first.start()
    assert first.running
    second.start()
    assert not first.running
    second.close()
    second.close()
    assert threads() == []


def test_a_race_whose_lab_is_closed_ends_and_says_so():
    with Lab() as lab:
        race = Race(lab, rate=50.0, interval=0.1, delay=0.0)
        race.start()
        until(lambda: race.heat.began)
    until(lambda: not race.running)
    with pytest.raises(RtlabError, match="closed"):
        race.stop()


class NoChannels(http.server.BaseHTTPRequestHandler):
    """A server that knows nothing."""

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere(lab):
    """A lab whose channels are at a server that has none."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NoChannels)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    lab.channel = lambda name: f"http://127.0.0.1:{server.server_port}/channels/{name}"
    yield lab
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_a_reader_raises_in_its_thread_is_raised_at_the_end(elsewhere):
    race = Race(elsewhere)
    with pytest.raises(ServerError, match="404"):
        race.run(seconds=1.0)
    assert threads() == []


def test_an_interrupted_run_leaves_nothing_behind(lab):
    race = Race(lab, rate=5.0, delay=0.0)

    def interrupt():
        until(lambda: race.running and race.heat.began)
        _thread.interrupt_main()

    helper = threading.Thread(target=interrupt)
    helper.start()
    with pytest.raises(KeyboardInterrupt):
        race.run(seconds=30.0)
    helper.join()
    assert threads() == []


@pytest.mark.parametrize(
    "knobs",
    [
        {"source": "dice"},
        {"rate": 0},
        {"rate": float("nan")},
        {"interval": 0},
        {"delay": -1},
        {"delay": 1e999},
    ],
)
def test_an_impossible_setting_is_refused_with_what_would_be_right(lab, knobs):
    with pytest.raises(BadInput):
        Race(lab, **knobs)
    race = Race(lab)
    before = race.knobs
    with pytest.raises(BadInput):
        race.turn(**knobs)
    assert race.knobs == before


def test_a_race_that_was_not_run_has_no_result(lab):
    with pytest.raises(RtlabError, match="run"):
        Race(lab).result()


class TestSameBudget:
    """Adaptive polling in virtual time."""

    @pytest.mark.parametrize("rate", [0.1, 0.5, 1.0, 3.0, 20.0])
    def test_it_makes_as_many_requests_as_short_polling_within_two(self, rate):
        chance, pace = random.Random(1), SameBudget(0.5)
        now, due = 0.0, chance.expovariate(rate)
        for number in range(1, 2000):
            now += pace.interval
            assert now / 0.5 - MOST - 1e-6 <= number <= now / 0.5 + 1e-6 + 1
            news = 0
            while due <= now:
                news += 1
                due += chance.expovariate(rate)
            pace.next(news, pace.interval)

    def test_it_asks_later_after_nothing_and_sooner_after_news(self):
        pace = SameBudget(1.0)
        assert pace.next(0, 1.0) == 1.5
        assert pace.next(3, 1.5) == 0.5
        assert pace.next(1, 0.5) == 1.0  # what was saved is spent

    def test_a_new_mean_holds_from_the_next_answer_on(self):
        pace = SameBudget(1.0)
        pace.mean = 0.1
        assert pace.next(0, 1.0) <= 0.1 * (1 + MOST)

    def test_a_mean_of_nothing_is_refused(self):
        with pytest.raises(BadInput):
            SameBudget(0.0)

    def test_empty_answers_are_noted(self):
        noted = itertools.count()
        pace = Noted(SameBudget(1.0), lambda: next(noted))
        pace.next(0, 1.0)
        pace.next(1, 1.0)
        assert next(noted) == 1


def test_an_empty_answer_to_a_held_poll_is_noted_too(lab):
    runner = Runner("long", "quiet", lab.channel("quiet"), 1.0)
    runner.reader.wait = runner.reader.hold = 0.05
    runner.start()
    try:
        until(lambda: runner.look() or runner.empties)
        assert runner.take_news()[0][0] == ""
        assert runner.take_news() == []
    finally:
        runner.close()


class TestTable:
    def test_it_has_the_same_layout_as_text_and_as_html(self, raced):
        table = raced[1].table()
        text, html = table.text, table.html
        lines = text.splitlines()
        assert len({len(line) for line in lines[1:]}) == 1
        assert lines[0] == repr(raced[1])
        assert "events on 2 channels" in lines[0]
        for word in (*COLUMNS, "short polling", "WebSocket"):
            assert word in text
            assert word in html
        assert html.count("<tr>") == 6  # the heads and five techniques

    def test_without_an_event_there_is_no_latency(self):
        finish = Finish("sse", {}, (), requests=1, empty=0, size=300, gaps=0)
        assert finish.row() == ["–", "–", "–", "–", "0"]
        with pytest.raises(RtlabError, match="no event arrived by server-sent events"):
            _ = finish.median

    def test_the_figures_are_those_of_the_readers(self):
        finish = Finish("sse", {}, (0.04, 0.041, 0.5), requests=1, empty=2, size=900, gaps=0)
        assert finish.row() == ["41 ms", "500 ms", "0.33", "300 bytes", "2"]


class TestPicture:
    def test_its_words_tell_all_that_it_shows(self, raced):
        result = raced[1]
        picture = result.lanes()
        assert repr(picture) == f"{result!r}: the lanes"
        assert f"WebSocket: {result.events} events arrived" in picture.description
        assert picture.png.startswith(b"\x89PNG")

    def test_it_is_drawn_on_a_dark_ground_too_and_without_an_event(self, lab):
        result = Race(lab, rate=0.001, delay=0.0, seed=1).run(seconds=0.2)
        assert result.events == 0
        assert result.lanes(dark=True).png != result.lanes().png
        assert "–" in result.table().text
