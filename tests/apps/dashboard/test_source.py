"""The dashboard measures while it is read, watches by its rule, and takes new settings whole or not at all."""

import json
import time

import psutil
import pytest
import requests

from rtlab.apps.dashboard import Dashboard
from rtlab.apps.dashboard.alert import Rule
from rtlab.apps.dashboard.metrics import METRICS
from rtlab.apps.site import Applications
from rtlab.clients import LongPolling, ServerSentEvents, ShortPolling, publish
from rtlab.errors import ServerError
from rtlab.event import Gap
from rtlab.lab import Lab

from .staged import Staged

SECONDS = 20.0
FORM = {"rate": 10, "metric": "cpu", "above": 90, "clear": 50, "seconds": 0.2}


@pytest.fixture
def staged():
    app = Staged()
    with Lab(extensions=[Applications([app])]) as lab:
        yield lab, app


def read(lab, wanted, after="now"):
    """Read until an event is what is wanted; all that came."""
    found = []
    with ServerSentEvents(lab.channel("dashboard"), after=after) as reader:
        for event in reader.events(timeout=SECONDS):
            found.append(event)
            if wanted(event.data):
                return found
    raise AssertionError(f"{len(found)} events, none of them wanted; the last: {found[-1:]}")


def test_its_figures_are_this_machines_and_this_servers_own():
    with Lab(extensions=[Applications([Dashboard(rate=10)])]) as lab:
        sample = read(lab, lambda data: data["server"]["delivered"] > 0)[-1].data
    assert len(sample["cpu"]) == psutil.cpu_count()
    assert sample["server"]["connections"] >= 1
    assert sample["server"]["readers"] == 1
    for metric in METRICS.values():
        assert 0 <= metric.read(sample) <= metric.highest


def test_whoever_comes_finds_a_sample_and_it_was_measured_before_they_came(staged):
    lab, app = staged
    with ShortPolling(lab.channel("dashboard"), after="last") as reader:
        assert next(iter(reader.events(limit=1, timeout=SECONDS))).data["memory"] == 40.0
    assert app.measured >= 1


@pytest.mark.parametrize("reader", [ShortPolling, LongPolling, ServerSentEvents])
def test_it_measures_only_while_somebody_reads_by_whatever_technique(staged, reader):
    lab, app = staged
    time.sleep(0.5)
    assert app.measured == 1
    with reader(lab.channel("dashboard")) as client:
        assert len([*client.events(limit=3, timeout=SECONDS)]) == 3
    app._audience.memory = 0.2  # seconds that it still counts on the last reader
    deadline = time.monotonic() + SECONDS
    while (before := app.measured) and time.monotonic() < deadline:
        time.sleep(0.5)
        if app.measured == before:
            break
    assert app.measured == before


def test_an_alert_is_raised_and_cleared_and_the_log_remembers_both(staged):
    lab, _ = staged
    publish(lab.channel("dashboard.settings"), FORM)
    lab.publish("dashboard.stage", {"cpu": 95})
    read(lab, lambda data: data["alert"].get("turn") == "raised")
    lab.publish("dashboard.stage", {"cpu": 20})
    found = read(lab, lambda data: data["alert"].get("turn") == "cleared", after="start")
    turns = [event.data["alert"] for event in found if "turn" in event.data["alert"]]
    raised, cleared = turns
    assert raised == {
        "state": "raised",
        "turn": "raised",
        "rule": "processor above 90 % for 0.2 s",
        "value": 95.0,
    }
    assert (cleared["state"], cleared["turn"], cleared["value"]) == ("calm", "cleared", 20.0)


def test_each_sample_names_the_settings_that_it_was_made_by(staged):
    lab, _ = staged
    id = publish(lab.channel("dashboard.settings"), FORM | {"rate": 9})
    assert read(lab, lambda data: data["settings"] == id)
    newest = requests.get(lab.channel("dashboard.settings") + "/events?after=last", timeout=SECONDS).json()
    assert newest["events"][0]["data"] == FORM | {"rate": 9}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rate": 11}, "rate"),
        ({"metric": "x"}, "metric"),
        ({"clear": 91}, "clear"),
        ({"seconds": ""}, "seconds"),
    ],
)
def test_settings_that_make_no_sense_are_refused_at_their_field_and_nothing_changes(staged, wrong, field):
    lab, app = staged
    answer = requests.post(lab.channel("dashboard.settings") + "/events", json=FORM | wrong, timeout=SECONDS)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert app.alarm.rule == Rule()


@pytest.mark.parametrize("channel", ["dashboard", "dashboard.other"])
def test_nobody_else_publishes_samples(staged, channel):
    lab, _ = staged
    with pytest.raises(ServerError, match=r"its settings are on dashboard\.settings"):
        publish(lab.channel(channel), {"cpu": [1]})
    with pytest.raises(ServerError, match="This is no form"):
        publish(lab.channel("dashboard.settings"), "faster")


def test_a_reader_goes_on_after_a_restart_with_a_gap_and_new_samples(staged):
    lab, _ = staged
    with LongPolling(lab.channel("dashboard")) as reader:
        list(reader.events(limit=2, timeout=SECONDS))
        lab.restart_server()
        found = list(reader.events(limit=2, timeout=SECONDS))
    assert isinstance(found[0], Gap)
    assert len(found) == 3


def test_history_is_read_by_cursor_without_a_loss(staged):
    lab, app = staged
    read(lab, lambda _data: app.measured >= 20)
    url, after, ids = lab.channel("dashboard") + "/events", "start", []
    while len(ids) < 20:
        page = requests.get(url, params={"after": after, "limit": 7}, timeout=SECONDS).json()
        ids += [event["id"] for event in page["events"]]
        after = page["cursor"]
    positions = [int(id.split(".")[1]) for id in ids]
    assert positions == list(range(1, len(ids) + 1))


@pytest.mark.parametrize("every", ["0.1", "61", "soon", "nan"])
def test_the_classic_page_refuses_what_is_no_interval(staged, every):
    lab, _ = staged
    answer = requests.get(f"{lab.url}/apps/dashboard/classic?every={every}", timeout=SECONDS)
    assert answer.status_code == 400
    assert "from 0.5 to 60" in answer.json()["detail"]


def test_the_classic_page_has_the_newest_sample_no_script_and_its_own_costs(staged):
    lab, _ = staged
    url = f"{lab.url}/apps/dashboard/classic?every=3&page=abc"
    sizes = [len(requests.get(url, timeout=SECONDS).content) for _ in range(3)]
    page = requests.get(url, timeout=SECONDS).text
    assert '<meta http-equiv="refresh" content="3; url=classic?every=3&page=abc">' in page
    assert "<dd>40 %</dd>" in page
    assert "<script" not in page
    assert 'data-requests="3"' in page or 'data-requests="4"' in page
    assert min(sizes) > 1000
    assert json.loads(requests.get(f"{lab.url}/apps/meter/abc", timeout=SECONDS).text)["requests"] == 4
