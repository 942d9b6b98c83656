"""A command has one outcome; only a dropped one has a second word."""

from rtlab.apps.devices.catalogue import Command
from rtlab.apps.devices.orders import KEPT, Orders

ON = Command("lamp-1", "on", None)


def given(*dues):
    orders = Orders()
    for number, due in enumerate(dues, 1):
        orders.give(f"log.{number}", ON, due)
    return orders


def test_an_answer_in_time_is_the_outcome():
    orders = given(10.0)
    order = orders.answered("log.1", "done", "shines at 100 %")
    assert order is not None
    assert (order.outcome, order.words) == ("done", "shines at 100 %")
    assert orders.overdue(99.0) == []


def test_a_second_answer_changes_nothing():
    orders = given(10.0)
    assert orders.answered("log.1", "refused", "no") is not None
    assert orders.answered("log.1", "done", "yes") is None
    assert orders.answered("log.1", "expired", "dropped") is None


def test_who_does_not_answer_in_time_has_timed_out_once():
    orders = given(10.0, 20.0)
    assert orders.overdue(9.9) == []
    assert [order.id for order in orders.overdue(10.0)] == ["log.1"]
    assert [order.id for order in orders.overdue(20.0)] == ["log.2"]


def test_of_a_late_device_only_that_it_has_dropped_the_command_is_news():
    orders = given(10.0, 10.0)
    orders.overdue(11.0)
    assert orders.answered("log.1", "done", "too late") is None
    dropped = orders.answered("log.2", "expired", "dropped: it came 3.0 s too late")
    assert dropped is not None
    assert dropped.outcome == "expired"


def test_what_is_no_answer_to_anything_is_nobodys():
    orders = given(10.0)
    for id, outcome in (("log.9", "done"), (None, "done"), ("log.1", "waiting"), ("log.1", ["done"])):
        assert orders.answered(id, outcome, "") is None


def test_only_the_latest_are_remembered():
    orders = given(*[1.0] * (KEPT + 1))
    assert orders.answered("log.1", "done", "") is None
    assert orders.answered("log.2", "done", "") is not None
