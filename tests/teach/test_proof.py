"""Every exercise of every lesson is proven: its reference is right, its stub is not started, its mistakes are told."""

import random

import pytest

from rtlab.teach.checks import ValueCheck
from rtlab.teach.exercises import SEED, Exercise, WrongAnswer, every, exercise
from rtlab.teach.lessons import lesson
from rtlab.teach.outcome import Outcome, Verdict
from rtlab.teach.source import Source

EXERCISES = every()
WRONG = [(each, wrong) for each in EXERCISES for wrong in each.wrong]
STUDENTS = ("student-1", "student-2")


def given(each: Exercise, source: str) -> Outcome:
    return each.check(Source(source, each.name).load())


def name(thing: object) -> str:
    return getattr(thing, "id", "") or str(getattr(thing, "symptom", thing))


@pytest.mark.parametrize("each", EXERCISES, ids=name)
def test_the_reference_is_right_and_says_why_it_matters(each: Exercise) -> None:
    outcome = given(each, each.reference)
    assert outcome.verdict is Verdict.RIGHT, outcome
    assert outcome.words == each.why != ""


@pytest.mark.parametrize("each", EXERCISES, ids=name)
def test_the_untouched_stub_is_not_started(each: Exercise) -> None:
    assert given(each, each.stub).verdict is Verdict.NOT_STARTED
    assert each.check().verdict is Verdict.NOT_STARTED


@pytest.mark.parametrize("each", EXERCISES, ids=name)
def test_two_or_more_plausible_mistakes_are_known_and_hints_given(each: Exercise) -> None:
    assert len({wrong.symptom for wrong in each.wrong}) >= 2
    assert each.hints


@pytest.mark.parametrize(("each", "wrong"), WRONG, ids=name)
def test_a_mistake_fails_with_a_message_that_names_its_symptom_and_does_not_give_the_answer_away(
    each: Exercise, wrong: WrongAnswer
) -> None:
    outcome = given(each, wrong.source)
    assert outcome.verdict is wrong.verdict, outcome
    assert outcome.verdict is not Verdict.RIGHT
    assert wrong.symptom in " ".join((outcome.did, outcome.got, outcome.wanted, outcome.words)), outcome
    right = Source(each.reference, each.name).load()
    told = f"{outcome.got} {outcome.wanted} {outcome.words}"
    if isinstance(each.judge, ValueCheck) or each.lines:
        assert repr(right) not in told
    else:
        assert each.reference.strip() not in told


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("known", EXERCISES, ids=name)
def test_every_students_variant_can_be_solved(
    known: Exercise, student: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SEED, student)
    each = exercise(known.id)
    if each == known:  # nothing is drawn in it
        return
    assert given(each, each.reference).right
    if (
        isinstance(each.judge, ValueCheck) or each.lines
    ):  # the others' mistakes are the same for every student
        for wrong in each.wrong:
            assert given(each, wrong.source).verdict is wrong.verdict


def test_ids_are_those_of_the_lesson_and_without_gaps() -> None:
    for number in sorted({each.id.partition(".")[0] for each in EXERCISES}):
        module = lesson(number)
        assert module is not None
        own = [each.id for each in module.exercises(random.Random(0))]
        assert own == [f"{number}.{count}" for count in range(1, len(own) + 1)]
