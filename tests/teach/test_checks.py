"""The ready-made checks: what they accept, and how they say what is wrong."""

import asyncio
import math
from fractions import Fraction
from typing import Any

import numpy
import pytest

from rtlab.teach.checks import Case, Cases, Check, Letter, Number, Symptom, Text
from rtlab.teach.outcome import Wrong

DELAY = Number(
    0.04, "s", "the time of one transit", slips={0.08: "That is there and back.", 40: "Those are ms."}
)
LETTER = Letter("b", {"a": "Count the connections.", "c": "There are two directions in one."})
HEADER = Text(("Last-Event-ID",), "the name of a header", {"ETag": "That one is for polls."})


def wrong(check: Check, answer: Any) -> Wrong:
    with pytest.raises(Wrong) as raised:
        check(answer)
    return raised.value


@pytest.mark.parametrize("answer", [0.04, 0.0401, Fraction(1, 25), numpy.float64(0.04), numpy.float32(0.04)])
def test_a_number_is_right_within_its_tolerance(answer: Any) -> None:
    DELAY(answer)


@pytest.mark.parametrize("answer", ["0.04", "40 ms", None, True, [0.04], math.nan, math.inf, 1j])
def test_what_is_no_plain_number_is_told_so(answer: Any) -> None:
    assert "a plain number, in s" in wrong(DELAY, answer).wanted


def test_a_number_that_is_off_is_told_its_slip_or_its_direction() -> None:
    assert wrong(DELAY, 0.08).advice == "That is there and back."
    assert wrong(DELAY, 40).advice == "Those are ms."
    assert wrong(DELAY, 0.01).got == "`0.01`: too small"
    assert "0.04" not in str(wrong(DELAY, 0.05))


def test_a_letter_is_read_in_either_case() -> None:
    LETTER(" B ")
    assert wrong(LETTER, "a").advice == "Count the connections."
    assert wrong(LETTER, "d").wanted == "one of the letters a, b, c"
    assert wrong(LETTER, 2).wanted == "one of the letters a, b, c"


def test_a_text_is_read_without_its_case_and_spaces() -> None:
    HEADER(" last-event-id ")
    assert wrong(HEADER, "etag").advice == "That one is for polls."
    assert "a text" in wrong(HEADER, 1).wanted


def test_the_first_case_that_differs_is_reported() -> None:
    cases = Cases(
        (Case((1, "a"), 1), Case((2, "b"), 4)),
        "the square",
        (Symptom(lambda got, case: got == 3, "Not the sum."),),
    )
    cases(lambda number, _: number * number)

    def plus_one(number: int, _: str) -> int:
        return 1 if number == 1 else number + 1

    found = wrong(cases, plus_one)
    assert (found.did, found.got, found.advice) == ("called `plus_one(2, 'b')`", "`3`", "Not the sum.")
    assert "no `return`" in wrong(cases, lambda number, _: None).advice


def test_a_result_of_another_type_is_not_the_same() -> None:
    assert wrong(Cases((Case((), 1),), "a one"), lambda: True).got == "`True`"
    assert wrong(Cases((Case((), "x"),), "text"), lambda: b"x").got == "`b'x'`"


def test_right_values_in_another_kind_of_collection_are_told_the_kind() -> None:
    pairs = Cases((Case((), [(1, 2), (3, 4)]),), "pairs", (Symptom(lambda got, case: True, "Not these."),))
    for given in ([[1, 2], [3, 4]], ((1, 2), (3, 4)), {1: 2, 3: 4}.items()):
        assert (
            wrong(pairs, lambda given=given: given).advice
            == "The values are right. Give them as a list of tuples."
        )
    assert wrong(pairs, lambda: [(1, 2)]).advice == "Not these."
    assert wrong(Cases((Case((), (1, 2)),), "a pair"), lambda: [1, 2]).advice.endswith("as a tuple.")


def test_a_symptom_that_cannot_read_what_came_out_is_not_seen() -> None:
    pairs = Cases((Case((), [(1, 2)]),), "pairs", (Symptom(lambda got, case: got[0][1] > 2, "Too much."),))
    assert wrong(pairs, lambda: [(1, 3)]).advice == "Too much."
    for given in ([1], [], 5, "x", {}):
        assert wrong(pairs, lambda given=given: given).advice == ""


def test_a_function_cannot_change_the_table() -> None:
    cases = Cases((Case(([1, 2],), 2), Case(([1, 2],), 2)), "the last one")
    table = cases.cases[0].arguments[0]
    cases(lambda values: values.pop())
    assert table == [1, 2]


def test_an_async_function_is_awaited_for_each_case() -> None:
    async def double(number: int) -> int:
        await asyncio.sleep(0)
        return 2 * number

    Cases((Case((1,), 2), Case((2,), 4)), "twice")(double)
