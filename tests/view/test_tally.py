from types import SimpleNamespace

import pytest

from rtlab.view.tally import Tally, count, duration, ratio, size, tally

MS = 1_000_000


def test_it_counts_what_polling_costs(trace: SimpleNamespace, appends: dict[str, int]):
    told = tally(trace.polling(appends), appends)
    # Answered at 300, 800, …: the events of 550, 1350, 1500, 2620, 3100 are known at 900, 1900, 1900, 2900, 3400.
    assert told == Tally(events=5, latency=pytest.approx(0.376), requests=8, empty=4, size=1600)
    assert told.lines() == [
        "376 ms mean latency",
        "1.6 requests an event",
        "4 empty answers",
        "320 bytes an event",
    ]


def test_a_stream_costs_one_request(trace: SimpleNamespace, appends: dict[str, int]):
    told = tally(trace.streaming(appends), appends)
    assert (told.requests, told.empty, told.latency) == (1, 0, pytest.approx(0.1))


def test_publishing_is_no_request_for_news(trace: SimpleNamespace):
    assert tally([trace.message("request", "up", 0, 1, "POST /channels/news/events")], {}).requests == 0


def test_an_event_without_a_known_append_has_no_latency(trace: SimpleNamespace):
    told = tally([trace.message("event", "down", 0, 1, "event", events=("a.1",))], {})
    assert told.lines()[0] == "latency unknown"


def test_nothing_is_said_as_nothing():
    assert Tally(0, None, 1, 1, 512).lines() == [
        "no event arrived",
        "1 request",
        "1 empty answer",
        "512 bytes in all",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.00052, "0.52 ms"),
        (0.0403, "40.3 ms"),
        (0.3262, "326 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (1.236, "1.24 s"),
        (3600, "3,600 s"),
    ],
)
def test_durations_have_three_digits(seconds: float, words: str):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (1234, "1,234 bytes"), (12_340, "12.3 kB"), (4_560_000, "4.56 MB")],
)
def test_sizes_are_short(number: float, words: str):
    assert size(number) == words


@pytest.mark.parametrize(
    ("requests", "events", "words"),
    [
        (1, 100, "0.01 requests"),
        (2, 2, "1 request"),
        (8, 5, "1.6 requests"),
        (0, 5, "0 requests"),
        (5000, 4, "1,250 requests"),
    ],
)
def test_ratios_keep_two_digits(requests: int, events: int, words: str):
    assert ratio(requests, events) == words


def test_one_is_singular():
    assert (count(1, "gap"), count(2, "gap"), count(0, "gap")) == ("1 gap", "2 gaps", "0 gaps")
