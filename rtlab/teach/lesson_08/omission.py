"""Exercise 08.4: the latencies that a load generator left out while it waited."""

from typing import Any

from rtlab.teach.checks import Case, Cases, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer

STUB = '''
def corrected(latencies, every):
    """Return each latency, followed by those of the requests that were due while it was waited for."""
    return latencies
'''
CASES = (
    Case(([40, 30, 20], 100), [40, 30, 20]),
    Case(([10, 450, 10], 100), [10, 450, 350, 250, 150, 50, 10]),
    Case(([200, 5], 100), [200, 100, 5]),
    Case(([7, 65], 20), [7, 65, 45, 25, 5]),
    Case(([], 10), []),
)


def _function(*body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body)
    return f"def corrected(latencies, every):\n{lines}"


def _is_list(got: Any) -> bool:
    return isinstance(got, list) and all(isinstance(value, int | float) for value in got)


SYMPTOMS = (
    Symptom(
        lambda got, case: _is_list(got) and len(got) == len(case.arguments[0]) < len(case.result),
        "Nobody was put back: for a long latency several values belong in the list.",
    ),
    Symptom(
        lambda got, case: _is_list(got) and any(value <= 0 for value in got),
        "Somebody waited for nothing, or less: stop before 0.",
    ),
    Symptom(
        lambda got, case: (
            _is_list(got)
            and len(got) == len(case.result)
            and max(got, default=0) * 2 < sum(got)
            and got.count(max(got, default=0)) > 1
        ),
        "Whoever is due later waits less: each one `every` less than the one before.",
    ),
    Symptom(
        lambda got, case: _is_list(got) and len(got) < len(case.result),
        "Somebody is missing: a request was due as long as anything is left to wait.",
    ),
)
WRONG = (
    WrongAnswer(_function("return list(latencies)"), "Nobody was put back"),
    WrongAnswer(
        _function(
            "everybody = []",
            "for latency in latencies:",
            "    everybody += [latency] * (1 + (latency - 1) // every)",
            "return everybody",
        ),
        "each one `every` less",
    ),
    WrongAnswer(
        _function(
            "everybody = []",
            "for latency in latencies:",
            "    everybody += range(latency, -1, -every)",
            "return everybody",
        ),
        "stop before 0",
    ),
    WrongAnswer(
        _function(
            "everybody = []",
            "for latency in latencies:",
            "    everybody += range(latency, every - 1, -every) or [latency]",
            "return everybody",
        ),
        "Somebody is missing",
    ),
)


def nobody_left_out() -> Exercise:
    """Return 08.4: put back what coordinated omission left out."""
    return Exercise(
        id="08.4",
        title="nobody left out (modify)",
        task="A load generator was to send a request every `every` ms. It waited for each answer, and left out what "
        "was due meanwhile. Change `corrected(latencies, every)` so that it puts these back. `latencies` are whole ms. "
        "While a request took 450 ms, with one due every 100, four more were due: they would have waited 350, 250, 150 "
        "and 50 ms. A request that is due in the very moment of the answer waits for nothing and is not left out.",
        name="corrected",
        stub=STUB,
        reference=_function(
            "everybody = []",
            "for latency in latencies:",
            "    everybody += range(latency, 0, -every)",
            "return everybody",
        ),
        judge=Cases(
            CASES,
            "a list: each latency, and behind it those of the requests that were due while it was waited for, "
            "the longest first",
            SYMPTOMS,
        ),
        hints=(
            "How long does the request wait that is due `every` ms after the slow one was sent?",
            "`range` counts down as well.",
        ),
        wrong=WRONG,
        why="HdrHistogram can correct in nearly this way. Better than to correct is not to omit, as wrk2 does: send by "
        "the clock, and count from the moment at which the request was due.",
    )
