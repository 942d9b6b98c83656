"""A form that is refused says at which field, and what would be right there."""

import pytest

from rtlab.apps.fields import choice, number
from rtlab.errors import InvalidField


@pytest.mark.parametrize("given", [None, "", "many", "nan", "inf", -1, 101, True, [], {}])
def test_what_is_no_number_in_the_span_is_refused_at_its_field(given):
    with pytest.raises(InvalidField, match=r"a number of % from 0 to 100\.$") as refused:
        number({"above": given}, "above", 0, 100, "%")
    assert refused.value.field == "above"


@pytest.mark.parametrize(("given", "value"), [(0, 0.0), ("12.5", 12.5), (100, 100.0)])
def test_a_number_may_come_as_text_from_a_field(given, value):
    assert number({"above": given}, "above", 0, 100, "%") == value


@pytest.mark.parametrize("given", [None, "", "x", 3, ["cpu"]])
def test_a_choice_is_one_of_the_choices(given):
    with pytest.raises(InvalidField, match=r"choose one of cpu, memory\.$") as refused:
        choice({"metric": given}, "metric", {"cpu": 1, "memory": 2}, "metric")
    assert refused.value.field == "metric"
    assert choice({"metric": "cpu"}, "metric", {"cpu": 1}, "metric") == "cpu"
