"""Vote, run, vote again; and the ten misconceptions."""

import re

import pytest

from rtlab.errors import BadInput
from rtlab.teach import question, summary, think
from rtlab.teach.asked import Asked
from rtlab.teach.misconceptions import MISCONCEPTIONS


def test_the_first_vote_gives_its_reason_and_its_test_and_not_the_answer() -> None:
    for letter in "abcd":
        text = repr(question("M1").vote(letter))
        assert f"M1: you say {letter}" in text
        assert "why one would say so" in text
        assert "Lesson 04" in text
        assert "right" not in text


def test_the_second_vote_is_told_what_is_right() -> None:
    asked = question("M3")
    asked.vote("a")
    assert repr(asked.again("b")).startswith("✓ M3: b is right (before: a)")
    wrong = repr(asked.again("C"))
    assert wrong.startswith("✗ M3: c is not right (before: a)")
    assert "right is b" in wrong


def test_a_question_keeps_its_votes_until_the_first_one_is_cast_anew() -> None:
    question("M2").vote("b")
    question("M2").again("a")
    assert re.search(r"M2 +b +a +a", repr(summary()))
    question("M2").vote("d")
    assert re.search(r"M2 +d +–", repr(summary()))


def test_the_second_vote_has_its_own_buttons_and_the_first_keeps_its_own() -> None:
    question("M2").vote("b")
    assert repr(question("M2").again()) == repr(question("M2"))
    assert re.search(r"M2 +b +–", repr(summary()))


@pytest.mark.parametrize("letter", ["e", "", "ab"])
def test_a_vote_for_what_is_no_choice_is_refused(letter: str) -> None:
    with pytest.raises(BadInput, match="a, b or c"):
        question("M3").vote(letter)


@pytest.mark.parametrize("id", ["M11", "06.7", "x"])
def test_an_unknown_question_is_refused(id: str) -> None:
    with pytest.raises(BadInput, match="not a question"):
        question(id)


def test_there_are_ten_misconceptions() -> None:
    assert [asked.id for asked in MISCONCEPTIONS] == [f"M{number}" for number in range(1, 11)]


@pytest.mark.parametrize("asked", MISCONCEPTIONS, ids=lambda asked: asked.id)
def test_each_choice_has_a_reason_and_an_experiment_of_a_lesson(asked: Asked) -> None:
    assert [choice.letter for choice in asked.choices] == list("abcd")[: len(asked.choices)]
    assert len(asked.choices) >= 3
    assert asked.right in [choice.letter for choice in asked.choices]
    assert asked.explains
    for choice in asked.choices:
        assert choice.because.endswith(".")
        assert re.search(r"[Ll]esson \d\d", choice.test)


def test_right_letters_are_spread() -> None:
    rights = [asked.right for asked in MISCONCEPTIONS]
    assert max(map(rights.count, "abc")) <= 6


def test_without_a_kernel_a_question_is_words() -> None:
    shown = question("M5")._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/html"}
    assert "its frame header has only two bytes" in shown["text/html"]


def test_an_answer_to_think_about_unfolds() -> None:
    card = think("What would you change first, the <interval> or the question?", "Lesson 03 changes `one`.")
    assert "<details" in card._repr_html_()
    assert "&lt;interval&gt;" in card._repr_html_()
    assert "<code" in card._repr_html_()
    assert "Lesson 03 changes `one`." in repr(card)
