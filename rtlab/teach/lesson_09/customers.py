"""Exercise 09.4: a technique for each of three customers, defended with figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from rtlab.measure.choose import Option, Requirements, choose
from rtlab.teach.card import Rows
from rtlab.teach.checks import ValueCheck
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

NAMES = ("short", "long", "sse", "websocket", "push")

CUSTOMERS: Mapping[str, tuple[Requirements, str]] = {
    "signs": (
        Requirements(rate=1 / 3600, clients=3000, budget=600),
        "3,000 signs at bus stops, on the mains. The timetable changes once an hour or so, and a sign may be ten "
        "minutes late on average.",
    ),
    "prices": (
        Requirements(rate=10, clients=2000, budget=0.2, intermediaries="strips Upgrade"),
        "2,000 traders' pages with ten prices a second, 0.2 s old on average at most. The bank's proxy takes `Upgrade` "
        "out of every request.",
    ),
    "whiteboard": (
        Requirements(rate=2, clients=500, budget=0.2, direction="both, often"),
        "500 people draw on whiteboards: five strokes a second up from each, two a second down, 0.2 s at most on "
        "average.",
    ),
}
"""Requirements of each customer, and the same in words."""


@dataclass(frozen=True)
class Advised(ValueCheck):
    """Compares the technique for each customer with the chooser's, by rtlab's example costs."""

    def __call__(self, answer: object) -> None:
        """Report the first customer who would be served badly: by a technique that cannot do it, or a dearer one."""
        did = "read your choices"
        if not isinstance(answer, dict) or set(answer) != set(CUSTOMERS):
            raise Wrong(
                did, show(answer), f"a `dict` with the keys {', '.join(f'`{name}`' for name in CUSTOMERS)}"
            )
        for customer, (wanted, _) in CUSTOMERS.items():
            named = answer[customer]
            if named not in NAMES:
                names = ", ".join(f"`{name}`" for name in NAMES)
                raise Wrong(did, f"{show(named)} for the {customer}", f"one of {names}")
            choice = choose(wanted)
            if choice.technique != named:
                picked = next(option for option in choice.options if option.technique == named)
                did = f"let the chooser weigh {picked.name} for the {customer}"
                wish = "the cheapest that can do it, the simplest of those that cost nearly the same"
                raise Wrong(did, show(named), wish, _advice(picked, choice.options[0]))


def _advice(picked: Option, best: Option) -> str:
    """Say what is wrong with a technique: it cannot do it, or it costs more."""
    if picked.why_not:
        return f"It is ruled out: {picked.why_not}."
    ratio = picked.money.value / best.money.value
    return f"It would do, and cost {ratio:.1f} times as much a month as the best one."


def three_customers() -> Exercise:
    """Return 09.4: choose for three customers."""

    def answer(*techniques: str) -> str:
        return f"choices = {dict(zip(CUSTOMERS, techniques, strict=True))!r}\n"

    names = ", ".join(f"`{name}`" for name in NAMES)
    return Exercise(
        id="09.4",
        title="three customers",
        task="Choose a technique for each customer below: the cheapest that can do it, and the simplest of those that "
        f"cost nearly the same. The names are {names} (a push service). Set the chooser above to each of them "
        "and read its figures before you decide; then defend your choice to your neighbour.",
        name="choices",
        stub="choices = {'signs': None, 'prices': None, 'whiteboard': None}\n",
        reference=answer("short", "sse", "websocket"),
        judge=Advised(),
        hints=(
            "What must not happen rules out more than what would be nice: begin with the proxy and the direction.",
            "For the signs compare what 3,000 open connections cost with three polls an hour from each.",
        ),
        wrong=(
            WrongAnswer(answer("websocket", "sse", "websocket"), "times as much"),
            WrongAnswer(answer("short", "websocket", "websocket"), "does not get through"),
            WrongAnswer(answer("short", "sse", "short"), "times as much"),
            WrongAnswer(answer("push", "sse", "websocket"), "no promise of a time"),
        ),
        why="Three customers, three techniques, and none of them because it is newer: a long budget makes polling the "
        "cheapest, a proxy decides for the stream, and messages up decide for the socket.",
        shown=(Rows(tuple((name, words) for name, (_, words) in CUSTOMERS.items())),),
    )
