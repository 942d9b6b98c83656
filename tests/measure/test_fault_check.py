"""The judge of the fault storm: what is right passes, and each thing that must not be is found."""

import pytest

from rtlab.event import Event, Gap
from rtlab.measure.fault_check import Verdict, check_log, check_reader


def e(id: str) -> Event:
    return Event(id, "", None)


def faults_of_reader(opened: str, *items: Event | Gap) -> list[str]:
    verdict = Verdict()
    check_reader("r", opened, items, verdict)
    return verdict.faults


@pytest.mark.parametrize(
    ("opened", "items"),
    [
        ("start", [e("a.5"), e("a.6")]),
        ("new.0", [e("a.1"), e("a.2")]),
        ("a.4", [e("a.5")]),
        ("a.4", [Gap(3, "a.7"), e("a.8")]),
        ("a.4", [e("a.5"), Gap(None, "b.2"), e("b.3")]),
        ("new.0", [Gap(6, "a.6"), e("a.7")]),
        ("start", []),
    ],
)
def test_what_is_right_passes(opened: str, items: list[Event | Gap]) -> None:
    assert faults_of_reader(opened, *items) == []


@pytest.mark.parametrize(
    ("opened", "items", "says"),
    [
        ("a.4", [e("a.6")], "too far on"),
        ("a.4", [e("a.4")], "again"),
        ("start", [e("a.5"), e("a.5")], "again"),
        ("start", [e("a.6"), e("a.5")], "again"),
        ("a.4", [e("b.1")], "no gap told"),
        ("a.4", [Gap(2, "a.7"), e("a.8")], "says 2 missed"),
        ("a.4", [Gap(2, "b.2"), e("b.3")], "says 2 missed"),
        ("a.4", [Gap(3, "a.7")], "nothing behind it"),
    ],
)
def test_what_must_not_be_is_found(opened: str, items: list[Event | Gap], says: str) -> None:
    (fault,) = faults_of_reader(opened, *items)
    assert says in fault


def faults_of_log(
    appended: list[tuple[str, str]], acknowledged: dict[str, str], window: int = 10
) -> list[str]:
    verdict = Verdict()
    check_log(appended, acknowledged, window, verdict)
    return verdict.faults


def test_what_was_acknowledged_is_in_the_log_once() -> None:
    log = [("a.1", "k1"), ("a.2", "k2"), ("b.1", "k2"), ("a.30", "k1")]
    assert faults_of_log(log, {"k1": "a.1", "k2": "b.1"}) == []
    assert "the log has None there" in faults_of_log(log, {"k3": "a.3"})[0]
    assert "the log has k2 there" in faults_of_log(log, {"k1": "a.2"})[0]
    assert "again at 5" in faults_of_log([*log, ("a.5", "k2")], {})[0]
