"""An alert is raised after its time and not before, ends where the rule says, and does not flap in between."""

import pytest

from rtlab.apps.dashboard.alert import Alarm, Rule
from rtlab.errors import InvalidField

FORM = {"metric": "cpu", "above": 90, "clear": 70, "seconds": 3}


def turns(values, rule, every=1.0):
    alarm = Alarm(rule)
    seen = [(place * every, alarm.see(place * every, value)) for place, value in enumerate(values)]
    return [(at, turn) for at, turn in seen if turn]


def test_it_is_raised_once_the_value_was_above_for_the_whole_time():
    assert turns([95] * 10, Rule(seconds=3)) == [(3.0, "raised")]


def test_a_spike_that_is_over_in_time_is_nobodys_business():
    assert turns([95, 95, 95, 90, 95, 95, 95], Rule(above=90, seconds=3)) == []


def test_without_a_time_the_first_value_above_raises_it():
    assert turns([10, 91], Rule(seconds=0)) == [(1.0, "raised")]


def test_between_the_two_thresholds_nothing_changes():
    trembling = [95, 89, 95, 89, 71, 95, 70, 95]
    assert turns(trembling, Rule(above=90, clear=70, seconds=0)) == [(0.0, "raised")]
    assert turns([95, 69.9], Rule(above=90, clear=70, seconds=0)) == [(0.0, "raised"), (1.0, "cleared")]


def test_without_hysteresis_a_trembling_value_flaps():
    trembling = [91, 89] * 5
    assert len(turns(trembling, Rule(above=90, clear=90, seconds=0))) == 10
    assert len(turns(trembling, Rule(above=90, clear=70, seconds=0))) == 1


def test_it_can_be_raised_again_after_it_was_cleared():
    found = turns([95, 95, 50, 95, 95], Rule(seconds=1))
    assert [turn for _, turn in found] == ["raised", "cleared", "raised"]


def test_a_pause_in_the_samples_counts_for_nothing():
    alarm = Alarm(Rule(seconds=5))
    assert alarm.see(0.0, 95) is None
    assert alarm.see(60.0, 95) is None
    assert alarm.see(62.5, 95) is None
    assert alarm.see(65.0, 95) == "raised"


def test_a_value_that_cannot_fall_below_zero_can_still_clear():
    assert turns([5, 0], Rule("requests", 1, 0, 0)) == [(0.0, "raised"), (1.0, "cleared")]


def test_a_rule_comes_from_a_form_and_says_what_it_is():
    rule = Rule.parse(FORM | {"above": "85.5"})
    assert rule == Rule("cpu", 85.5, 70.0, 3.0)
    assert str(rule) == "processor above 85.5 % for 3 s"


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"metric": "mood"}, "metric", "'mood' is no metric"),
        ({"above": 101}, "above", "from 0 to 100"),
        ({"above": ""}, "above", "This is empty"),
        ({"clear": 95}, "clear", "give a number up to 90"),
        ({"clear": None}, "clear", "This is empty"),
        ({"seconds": -1}, "seconds", "from 0 to 600"),
        ({"seconds": "soon"}, "seconds", "'soon'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(wrong, field, sentence):
    with pytest.raises(InvalidField, match=sentence) as refused:
        Rule.parse(FORM | wrong)
    assert refused.value.field == field
