"""A prediction is kept, compared in words, and summed up."""

import base64
import re

import pytest

from rtlab.errors import BadInput
from rtlab.teach import predict, summary
from rtlab.teach.curves import Curve
from rtlab.teach.figures import difference, figure, number_in, within_two
from rtlab.teach.predictions import Prediction

LABEL = "empty answers in 10 s"


@pytest.mark.parametrize(
    ("said", "was", "unit", "words"),
    [
        (20, 20, "answers", "right on"),
        (5, 20, "answers", "four times too few"),
        (80, 20, "answers", "four times too many"),
        (10, 20, "answers", "half of it"),
        (40, 20, "answers", "double"),
        (9, 20, "answers", "about half of it"),
        (19, 20, "answers", "5 % too few"),
        (0.5, 0.04, "s", "about twelve times too high"),
        (30, 40.3, "ms", "26 % too low"),
        (40.2, 40.3, "ms", "within 0.5 %"),
        (1, 437, "bytes", "440 times too few"),
        (1, 434.9, "bytes", "about 430 times too few"),
        (1, 23, "bytes", "23 times too few"),
        (1, 5_000, "bytes", "more than a thousand times too few"),
        (0, 20, "answers", "too few"),
        (5, 0, "answers", "too many: there were none"),
        (5, 0, "ms", "too high"),
        (0, 0, "answers", "right on"),
        (-1, 1, "ms", "too low"),
        (2, 3, "requests/s", "33 % too low"),
        (11, 20, "requests/s", "about half of it"),
    ],
)
def test_a_difference_in_words(said: float, was: float, unit: str, words: str) -> None:
    assert difference(said, was, unit) == words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (20, "answers", "20 answers"),
        (20.0, "", "20"),
        (1234567, "bytes", "1,234,567 bytes"),
        (40.3217, "ms", "40.3 ms"),
        (160.12, "ms", "160 ms"),
        (0.000123456, "s", "0.000123 s"),
        (1234.5, "ms", "1,234 ms"),
        (99.96, "%", "100 %"),
        (-0.5, "s", "-0.5 s"),
        (float("inf"), "s", "endless s"),
    ],
)
def test_a_figure_has_three_digits_and_its_unit(value: float, unit: str, text: str) -> None:
    assert figure(value, unit) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20", 20),
        (" 1,000 ms ", 1000),
        ("1/4", 0.25),
        ("2e-3", 0.002),
        ("many", None),
        ("", None),
        ("1/0", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert number_in(text, "ms") == number


def test_within_a_factor_of_two() -> None:
    assert within_two(10, 20)
    assert within_two(0, 0)
    assert not within_two(9, 20)
    assert not within_two(-10, 20)


def test_predicted_theory_and_measured_stand_side_by_side() -> None:
    card = predict(LABEL, 5, unit="answers").measured(20, theory=20)
    assert repr(card) == (
        f"{LABEL}\n  you said  5 answers\n  theory    20 answers\n  measured  20 answers\n"
        "You said 5, it was 20: four times too few.\nTheory against measurement: right on."
    )
    assert card._repr_html_() == predict(LABEL, 5, unit="answers").measured(20, theory=20)._repr_html_()


def test_without_a_prediction_the_measurement_is_still_shown() -> None:
    card = predict(LABEL, unit="answers").measured(20)
    assert "You said nothing before the run; it was 20." in repr(card)
    assert "nothing yet" in repr(summary())


def test_a_prediction_is_found_again_by_its_label() -> None:
    first = predict(LABEL, unit="answers")
    first.say(20)
    assert predict(LABEL, unit="answers") is first
    assert predict(LABEL, 10, unit="answers").value == predict(LABEL).value == 10


def test_a_new_prediction_forgets_what_was_measured_for_the_old_one() -> None:
    predict(LABEL, 20, unit="answers").measured(20)
    predict(LABEL, 10, unit="answers")
    assert "not measured" in repr(summary())


def test_what_is_written_into_the_field_is_the_prediction() -> None:
    made = predict(LABEL, unit="answers")
    assert isinstance(made, Prediction)
    assert made.asks
    assert made._write(0.0, "twenty") == "a plain number, please, such as 12, 0.5 or 1/3"
    assert made._write(0.0, "20 answers") == "noted: 20 answers"
    assert predict(LABEL).value == 20


def test_without_a_kernel_a_field_is_words() -> None:
    assert set(predict(LABEL, unit="answers")._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_what_is_no_prediction_is_refused() -> None:
    with pytest.raises(BadInput, match="give a number"):
        predict(LABEL, "many")  # type: ignore[call-overload]
    with pytest.raises(BadInput, match="points"):
        predict(LABEL, [])


CURVE = [(0.1, 40.0), (1.0, 41.0), (10.0, 44.0), (50.0, 80.0)]


def test_a_curve_is_compared_at_the_places_that_were_predicted() -> None:
    said = predict("latency over rate", [(0.1, 40), (10, 40), (50, 40)], unit="ms", x="events/s")
    text = repr(said.measured(CURVE, theory=CURVE))
    assert "events/s  you said  theory  measured, ms" in text
    assert "50        40        80      80            half of it" in text
    assert "Your curve stays level, the measured one rises. Furthest off: half of it at 50 events/s." in text


def test_a_curve_is_read_between_its_measured_points_and_not_beyond() -> None:
    text = repr(predict("c", {2: 10, 20: 9}, unit="ms").measured({1: 10, 3: 20}))
    assert "2   10        15            33 % too low" in text
    assert "20  9         –" in text


def test_a_curve_draws_itself_the_same_each_time() -> None:
    said = predict("latency over rate", dict(CURVE), unit="ms", x="events/s")
    html = said.measured(CURVE)._repr_html_()
    assert html == said.measured(CURVE)._repr_html_()
    assert base64.b64decode(re.findall(r"base64,([^\"]+)", html)[0]).count(b"<circle") == 8
    assert "and so does the measured one" in html


def test_a_curve_is_asked_for_at_places() -> None:
    asked = predict("c", at=[1, 2], unit="ms", x="clients")
    assert isinstance(asked, Curve)
    assert predict("c", at=[1, 2], unit="ms", x="clients") is asked
    assert asked._write(1.0, "5") == "noted: 5 ms at 1 clients"
    assert "You said nothing before the run" in repr(predict("d", at=[1, 2]).measured({1: 1, 2: 2}))
    assert "5 ms at 1 clients" in repr(asked)


def test_the_summary_counts_what_was_within_a_factor_of_two() -> None:
    assert "Nothing was predicted" in repr(summary())
    predict("a", 10, unit="ms").measured(11)
    predict("b", 10, unit="ms").measured(100)
    predict("c", [(1, 1), (2, 2)]).measured([(1, 1), (2, 2)])
    predict("d", 1)
    text = repr(summary())
    assert "2 of 3 predictions were within a factor of two." in text
    assert "b           10 ms     100 ms        ten times too low" in text
