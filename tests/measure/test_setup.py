"""What an experiment may be asked for: everything else is refused in a sentence, before anything starts."""

import math
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from rtlab.errors import BadInput
from rtlab.measure import models
from rtlab.measure.experiment import measure, repeat
from rtlab.measure.setup import WORKLOADS, Setup, with_readers
from rtlab.server.limits import Limits
from rtlab.technique import TECHNIQUES


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"interval": -1.0}, "interval (seconds) must be a finite number above 0"),
        ({"rate": 0.0}, "rate (events per second) must be a finite number above 0"),
        ({"rate": math.nan}, "rate"),
        ({"delay": -0.01}, "delay (seconds) must be a finite number, 0 or more"),
        ({"delay": math.inf}, "delay"),
        ({"duration": 0.0}, "duration"),
        ({"warm_up": -1.0}, "warm_up"),
        ({"clients": 0, "channels": 0}, "clients must be 1, 2, 3"),
        ({"clients": 2, "channels": 3}, "give each channel a client"),
        ({"technique": "pigeon"}, "one of short, adaptive, long, sse, websocket"),
        ({"workload": "odd"}, "one of steady, poisson"),
        ({"load": "browser"}, "one of auto, asyncio, readers"),
        ({"hold": 0.0}, "hold"),
        ({"technique": "adaptive", "minimum": 2.0, "maximum": 1.0}, "minimum ≤ maximum"),
        ({"technique": "adaptive", "factor": 1.0}, "factor above 1"),
        ({"coalesce": 0.5}, "only push is collected"),
    ],
)
def test_what_cannot_be_is_refused_at_once(settings: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput) as refused:
        Setup(**{"technique": "short"} | settings)  # type: ignore[arg-type]
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("setups", "limits", "says"),
    [
        ([], None, "at least one Setup"),
        ([Setup("sse", duration=1.0), Setup("long", duration=2.0)], None, "the same duration"),
        ([Setup("long", hold=61.0)], None, "60 s at most: give a shorter one, or limits=Limits(hold=61)"),
        ([Setup("long", hold=25.0)], Limits(hold=20.0), "20 s at most"),
        ([Setup("sse")] * 2, Limits(connections=39), "give fewer, or limits=Limits(connections=40)"),
        ([Setup("sse", clients=10_001, channels=10_001)], None, "give 10,000 at most"),
        ([Setup("sse", load="readers"), Setup("long", load="asyncio")], None, "one load"),
    ],
)
def test_what_the_server_does_not_allow_is_refused_before_anything_starts(
    setups: list[Setup], limits: Limits | None, says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        measure(*setups, limits=limits)
    assert says in str(refused.value)
    assert not psutil.Process().children()


def test_no_run_at_all_is_refused() -> None:
    with pytest.raises(BadInput, match="runs must be"):
        repeat(Setup("sse"), 0)


def test_more_clients_than_open_files_are_refused_with_the_way_to_raise_the_limit() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))\n"
        "from rtlab.measure.experiment import measure; from rtlab.measure.setup import Setup\n"
        "measure(Setup('sse', clients=100, channels=1))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    said = done.stderr.splitlines()[-1]
    assert "100 clients need 264 open files, and this system allows 256" in said
    assert "ulimit -n 264" in said


def test_the_reference_readers_are_the_load_where_they_do_not_disturb_each_other() -> None:
    few, many = Setup("sse", clients=20), Setup("sse", clients=21)
    assert with_readers([few])
    assert not with_readers([many])
    assert not with_readers([few, few])
    assert with_readers([replace(many, load="readers"), few])
    assert not with_readers([replace(few, load="asyncio")])


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_technique_has_a_prediction_under_every_workload(technique: str, workload: str) -> None:
    predicted = Setup(technique, rate=2.0, workload=workload, channels=5, clients=5, seed=1).predict()
    assert 0.04 <= predicted.mean_latency <= predicted.max_latency
    assert 0 <= predicted.empty_fraction < 1


def test_where_there_is_a_closed_form_it_is_the_prediction() -> None:
    assert Setup("short", rate=2.0).predict() == models.short_polling(2.0, 1.0, 0.04)
    assert Setup("long", rate=2.0).predict() == models.long_polling(2.0, 0.04, 25.0)
    assert Setup("adaptive").predict() == models.backoff_polling(1.0, 0.25, 4.0, 2.0, 0.04)
    assert Setup("sse").predict() == models.push(1.0, 0.04)
    assert Setup("sse", coalesce=0.5).predict() == models.coalesced_push(1.0, 0.5, 0.04)


def test_a_seed_makes_the_same_events_and_another_one_others() -> None:
    first, again, other = (Setup("sse", seed=seed, channels=3).workloads() for seed in (5, 5, 6))
    assert [list(events.times) for events in first] == [list(events.times) for events in again]
    assert list(first[0].times) != list(first[1].times)
    assert not {events.times[0] for events in first} & {events.times[0] for events in other}
