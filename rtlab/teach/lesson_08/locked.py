"""Exercise 08.3: four charts, and one of them shows the luck of its phase."""

from rtlab.measure import simulate, workload
from rtlab.measure.network import Network
from rtlab.measure.workload import Floats, Workload
from rtlab.teach.checks import Letter
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.view.chart_parts import Part, Quantity, Simulated
from rtlab.view.panels import panels
from rtlab.view.picture import Picture

INTERVAL, DELAY, SECONDS = 0.25, 0.040, 6.0


def four_charts(*, dark: bool = False) -> Picture:
    """Draw the four runs of the exercise, in virtual time."""
    path = Network(DELAY)
    beat = workload.steady(4.0, SECONDS, phase=0.35)
    slower = workload.steady(1 / 0.27, SECONDS, phase=0.1)
    anywhere = workload.poisson(4.0, SECONDS, seed=8)
    runs: dict[str, list[Part]] = {
        "a": _dots("long", beat, simulate.long_polling(beat, path).latencies),
        "b": _dots("short", anywhere, _polled(anywhere, path)),
        "c": _dots("short", beat, _polled(beat, path)),
        "d": _dots("short", slower, _polled(slower, path)),
    }
    return panels(
        runs,
        across=Quantity("when the event happens", "s"),
        up=Quantity("latency", "ms"),
        title="Which one is phase-locked?",
        dark=dark,
    )


def _polled(events: Workload, path: Network) -> Floats:
    return simulate.short_polling(events, INTERVAL, path, phase=0.0).latencies


def _dots(technique: str, events: Workload, latencies: Floats) -> list[Part]:
    return [Simulated(technique, events.times.tolist(), (1e3 * latencies).tolist())]


def which_is_locked() -> Exercise:
    """Return 08.3: find the run whose mean says more about its phase than about the technique."""
    return Exercise(
        id="08.3",
        title="which one is phase-locked?",
        task="Four runs, T = 250 ms where there is polling, d = 40 ms. In one of them the phase, which nobody chose, "
        "decides the mean: another run of the very same thing may have any mean from d to T + d. Which chart shows "
        "that run? Give its letter.",
        name="letter",
        stub="letter = ...\n",
        reference="letter = 'c'\n",
        judge=Letter(
            "c",
            {
                "a": "Constant, yes. But a long poll is always there before the event: another phase gives d again.",
                "b": "The dots are everywhere between d and T + d, so their mean is that of every long run.",
                "d": "Events and polls drift past each other: in a few seconds each phase has had its turn.",
            },
        ),
        hints=(
            "Locked means that events and polls keep the same distance for ever. What does the latency do then?",
            "Two charts are flat. For which technique would another phase change the height of the line?",
        ),
        wrong=(
            WrongAnswer("letter = 'a'\n", "another phase gives d again"),
            WrongAnswer("letter = 'b'\n", "everywhere between d and T + d"),
            WrongAnswer("letter = 'd'\n", "each phase has had its turn"),
        ),
        why="A flat line looks like a precise measurement. It is one, of the phase. Begin each run at a random phase, "
        "make many runs, and say so.",
    )
