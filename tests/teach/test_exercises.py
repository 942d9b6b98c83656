"""What a student sees of an exercise: its task, its hints, its solution, and the outcome of a check."""

import dataclasses
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from rtlab.errors import BadInput
from rtlab.teach import exercise, summary
from rtlab.teach.checks import Case, Cases, Lines, Number
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Outcome, Verdict, show

Cell = Callable[[str], dict[str, Any]]

COUNT = Exercise(
    id="99.1",
    title="how many",
    task="Give `count`.",
    name="count",
    stub="count = None\n",
    reference="count = 20\n",
    judge=Number(
        20, "answers", "the requests in ten seconds, less those with news", slips={10: "Twice a second."}
    ),
    hints=("Ten seconds.", "Twice a second for ten seconds."),
    wrong=(WrongAnswer("count = 10\n", "Twice"),),
    why="It is the price of a fixed interval.",
)
DOUBLE = dataclasses.replace(
    COUNT,
    id="99.2",
    name="double",
    stub="def double(n):\n    # your code\n    return n\n",
    reference="def double(n):\n    return 2 * n\n",
    judge=Cases((Case((2,), 4), Case((0.5,), 1.0)), "twice the number"),
)
AWAITED = dataclasses.replace(
    DOUBLE, stub="async def double(n):\n    ...\n", reference="async def double(n):\n    return 2 * n\n"
)


def is_pace(pace: Any) -> None:
    assert pace().interval == 2


PACE = dataclasses.replace(
    COUNT,
    id="99.3",
    name="Pace",
    stub="class Pace:\n    interval = 1\n    def next(self):\n        raise NotImplementedError\n",
    reference="class Pace:\n    interval = 2\n",
    judge=is_pace,
)


def test_a_value_is_judged() -> None:
    assert COUNT.check(20).verdict is Verdict.RIGHT
    assert COUNT.check(20.1).words == COUNT.why
    wrong = COUNT.check(10)
    assert (wrong.verdict, wrong.words) == (Verdict.WRONG, "Twice a second.")
    assert COUNT.check(30).got == "`30`: too large"


@pytest.mark.parametrize("nothing", [None, ...])
def test_nothing_is_not_started(nothing: object) -> None:
    assert COUNT.check(nothing).verdict is Verdict.NOT_STARTED
    assert "Write `double`" in DOUBLE.check(nothing).words


def test_the_untouched_stub_is_not_started_whatever_its_comments_say(cell: Cell) -> None:
    stub = cell('def double(n):\n    """New words."""\n\n    return n  # other comments\n')["double"]
    changed = cell("def double(n):\n    return n + 0\n")["double"]
    assert DOUBLE.check(cell(DOUBLE.stub)["double"]).verdict is Verdict.NOT_STARTED
    assert DOUBLE.check(changed).verdict is Verdict.WRONG
    assert DOUBLE.check(stub).verdict is Verdict.NOT_STARTED


def test_a_stub_that_calls_a_module_is_not_started_though_a_notebook_compiles_its_import_apart(
    cell: Cell,
) -> None:
    body = "def double(n):\n    # your code\n    return math.floor(n)\n"
    floor = dataclasses.replace(DOUBLE, stub=f"import math\n\n{body}")
    apart = cell("import builtins\n" + body)["double"]
    apart.__globals__["math"] = __import__("math")
    assert floor.check(apart).verdict is Verdict.NOT_STARTED


def test_an_untouched_class_is_not_started_and_a_changed_attribute_is_a_start(cell: Cell) -> None:
    assert PACE.check(cell(PACE.stub)["Pace"]).verdict is Verdict.NOT_STARTED
    assert PACE.check(cell("class Pace:\n    interval = 3\n")["Pace"]).verdict is not Verdict.NOT_STARTED


def test_what_is_left_to_be_written_is_not_started(cell: Cell) -> None:
    half = cell("def double(n):\n    if n == 0: return 0\n    raise NotImplementedError\n")["double"]
    outcome = DOUBLE.check(half)
    assert (outcome.verdict, outcome.line) == (Verdict.NOT_STARTED, 3)


@pytest.mark.parametrize(
    ("each", "source", "name", "says"),
    [
        (DOUBLE, "double = 4", "double", "without calling it"),
        (DOUBLE, "class double: pass", "double", "without calling it"),
        (PACE, "class P: pass\nPace = P()", "Pace", "the class itself"),
        (AWAITED, "def double(n): return 2 * n", "double", "`async def`"),
        (AWAITED, "async def f(n): return 2 * n\ndouble = f(1)", "double", "without calling it"),
    ],
)
def test_another_kind_of_thing_is_told(each: Exercise, source: str, name: str, says: str, cell: Cell) -> None:
    outcome = each.check(cell(source)[name])
    assert outcome.verdict is Verdict.WRONG
    assert says in outcome.wanted


def test_an_async_function_is_called_and_awaited(cell: Cell) -> None:
    assert AWAITED.check(cell(AWAITED.reference)["double"]).right


def test_a_solution_in_other_words_is_right(cell: Cell) -> None:
    assert DOUBLE.check(cell("double = lambda n: n + n")["double"]).right


def test_hints_come_one_by_one() -> None:
    assert repr(COUNT.hint()) == "99.1 hint 1 of 2\nTen seconds."
    assert "Twice a second for" in repr(COUNT.hint(2))
    assert "has 2 hints" in repr(COUNT.hint(3))


def test_the_solution_shows_code() -> None:
    assert repr(COUNT.solution()) == "99.1 one solution\n    count = 20"


def test_grading_hides_the_solution_and_strict_grading_the_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTLAB_GRADED", "1")
    assert "20" not in repr(COUNT.solution())
    assert "Ten seconds" in repr(COUNT.hint())
    monkeypatch.setenv("RTLAB_GRADED", "strict")
    assert "20" not in repr(COUNT.solution())
    assert "Ten seconds" not in repr(COUNT.hint())
    monkeypatch.setenv("RTLAB_GRADED", "0")
    assert "count = 20" in repr(COUNT.solution())


def test_a_seed_draws_another_variant_and_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def order(seed: str) -> str:
        monkeypatch.setenv("RTLAB_SEED", seed)
        return exercise("06.2").reference

    assert order("anna") == order("anna")
    assert len({order(seed) for seed in ("", "anna", "ben", "cem")}) == 4


@pytest.mark.parametrize("id", ["06.99", "98.1", "", "six"])
def test_an_unknown_id_is_refused_with_the_ids_that_there_are(id: str) -> None:
    with pytest.raises(BadInput) as refused:
        exercise(id)
    assert ("06.1" in str(refused.value)) is id.startswith("06")


def test_lines_are_put_together_and_run() -> None:
    source = "def double(n):\n    twice = 2 * n\n    return twice\n"
    lines = Lines.shuffled(source, "double", random.Random(1), ["    return n"])
    order = dataclasses.replace(DOUBLE, name="order", stub="order = []\n", lines=lines)
    assert lines.assemble(lines.right).text == source
    assert order.check(list(lines.right)).right
    assert order.check([]).verdict is Verdict.NOT_STARTED
    first, second, last = lines.right
    swapped = order.check([first, last, second])
    assert (swapped.verdict, swapped.line) == (Verdict.RAISED, 2)
    assert "UnboundLocalError" in swapped.words or "NameError" in swapped.words
    assert (
        "SyntaxError" in order.check([second, first]).words
        or "IndentationError" in order.check([second]).words
    )
    assert order.check([first]).verdict is Verdict.RAISED
    assert "1 to 4" in order.check([5]).wanted
    assert "`7` in it" in order.check([first, 7]).got
    assert order.check("1 2 3").verdict is Verdict.WRONG
    assert order.check([first, first]).verdict is Verdict.WRONG


def test_an_exercise_shows_its_task_and_its_lines() -> None:
    shown = repr(exercise("06.4"))
    assert shown.startswith("Exercise 06.4: read to the end of the head")
    assert re.search(r"^ +11  ", shown, re.MULTILINE)
    assert "<pre" in exercise("06.4")._repr_html_()


def test_outcomes_look_the_same_each_time_and_say_everything_in_words() -> None:
    outcome = Outcome(
        Verdict.WRONG, "Advice.", "did `a<b`", "got", "wanted", 3, "  x = 1 < 2", "out\n", "99.1"
    )
    assert repr(outcome) == (
        "✗ 99.1 wrong\n  did     did `a<b`\n  got     got\n  wanted  wanted\nAdvice.\n    line 3: x = 1 < 2\n"
        "It printed:\n    out"
    )
    html = outcome._repr_html_()
    assert html == outcome._repr_html_()
    for part in ("wrong", "<code", "a&lt;b", "x = 1 &lt; 2", "Advice.", "#D55E00"):
        assert part in html


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_own_sign_and_word(verdict: Verdict) -> None:
    signs = {repr(Outcome(each))[0] for each in Verdict}
    assert len(signs) == len(Verdict)
    assert verdict.value in repr(Outcome(verdict))


def test_values_in_messages_are_short_and_without_addresses() -> None:
    assert show(object()) == "`<object object>`"
    assert len(show("x" * 10_000)) < 200
    assert len(show(dict.fromkeys(range(100), "y" * 500))) < 200
    assert show("a`b") == "`'a'b'`"

    class Rude:
        def __repr__(self) -> str:
            raise ValueError

    assert show(Rude()) == "`<Rude instance>`"


def test_the_last_outcome_is_in_the_summary() -> None:
    COUNT.check(10)
    COUNT.check(20)
    assert "99.1      right\n" in repr(summary()) + "\n"


def test_what_was_right_once_stays_right_in_the_summary() -> None:
    COUNT.check(10)
    assert "99.1      wrong" in repr(summary())
    COUNT.check(20)
    assert COUNT.check(10).verdict is Verdict.WRONG
    assert "99.1      right (last try: wrong)" in repr(summary())
    COUNT.check(...)
    assert "99.1      right (last try: not started)" in repr(summary())
    assert COUNT.check(20).right
    assert "last try" not in repr(summary())
