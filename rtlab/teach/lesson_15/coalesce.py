"""Exercise 15.3: ten samples a second for eyes that see four."""

from __future__ import annotations

from itertools import pairwise

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

Sample = str | int

# What happens, ticks between two writes, what arrives at which tick, and what must be written at which.
CASES: tuple[tuple[str, int, dict[int, Sample], list[tuple[int, Sample]]], ...] = (
    ("one sample arrived after a long silence", 4, {10: "a"}, [(10, "a")]),
    (
        "ten samples came one after another",
        4,
        {t: f"s{t}" for t in range(10)},
        [(0, "s0"), (4, "s4"), (8, "s8"), (12, "s9")],
    ),
    ("two samples came close together, then nothing", 4, {3: "a", 4: "b"}, [(3, "a"), (7, "b")]),
    (
        "three in a burst, one much later",
        4,
        {0: "a", 1: "b", 2: "c", 20: "d"},
        [(0, "a"), (4, "c"), (20, "d")],
    ),
    ("the value went down to 0", 4, {10: 7, 20: 0}, [(10, 7), (20, 0)]),
    (
        "three samples, two writes in the time of one before",
        2,
        {0: "a", 1: "b", 2: "c"},
        [(0, "a"), (2, "c")],
    ),
)
TICKS = 40


def check_coalesce(make: type) -> None:
    """Let time pass tick by tick, with what arrives; look at what was written, and when."""
    for what, every, arrivals, wanted in CASES:
        written: list[tuple[int, Sample]] = []
        writer = make(every, lambda tick, sample, to=written: to.append((tick, sample)))
        for tick in range(TICKS):
            if tick in arrivals:
                writer.sample(tick, arrivals[tick])
            writer.tick(tick)
        if written != wanted:
            did = f"let {TICKS} ticks pass, one write in {every} at most: {what}"
            raise Wrong(
                did,
                show(written),
                "the newest sample, as soon as the last write is long enough ago",
                _advice(written, wanted, every),
            )


def _advice(written: list[tuple[int, Sample]], wanted: list[tuple[int, Sample]], every: int) -> str:
    samples = [sample for _, sample in written]
    if len(set(samples)) < len(samples):
        return "The same sample was written twice: where there is nothing new, write nothing."
    if wanted[-1][1] == 0 and 0 not in samples:
        return "A sample of 0 is a sample, too: is something new there, or is it `None`?"
    if every == 2:  # all the cases before had four ticks
        return "With four ticks it was right: here `every` is 2."
    if wanted[-1][1] not in samples:
        return (
            "The last sample was never written: the screen shows an old value until something else happens."
        )
    if any(b - a < every for (a, _), (b, _) in pairwise(written)):
        return "That is more often than was asked for."
    if written[0][0] > wanted[0][0]:
        return "A sample that comes after a silence waits for nothing: there is nothing to coalesce it with."
    return "Something old was written where there was something newer."


COALESCE = '''
class Coalescer:
    """Writes the newest sample, at most once in `every` ticks; after a silence at once."""

    def __init__(self, every, write):
        self.every, self.write = every, write
        self.newest, self.last = None, -every      # what is not yet written; when we wrote last

    def sample(self, now, sample):
        """A sample has arrived."""
        ...

    def tick(self, now):
        """A tick of the clock, after whatever arrived in it: call `self.write(now, sample)` if it is time."""
        ...
'''
HEAD = (
    "class Coalescer:\n"
    "    def __init__(self, every, write):\n"
    "        self.every, self.write = every, write\n"
    "        self.newest, self.last = None, -every\n"
)
RIGHT = HEAD + (
    "    def sample(self, now, sample):\n"
    "        self.newest = sample\n"
    "    def tick(self, now):\n"
    "        if self.newest is not None and now - self.last >= self.every:\n"
    "            self.write(now, self.newest)\n"
    "            self.newest, self.last = None, now\n"
)
DROPS = HEAD + (
    "    def sample(self, now, sample):\n"
    "        if now - self.last >= self.every:\n"
    "            self.write(now, sample)\n"
    "            self.last = now\n"
    "    def tick(self, now):\n"
    "        pass\n"
)


def what_eyes_need() -> Exercise:
    """Return 15.3: the newest sample, at most every so often."""
    return Exercise(
        id="15.3",
        title="what eyes need (write)",
        task="The machine is measured ten times a second; a person reads a number perhaps four times. Write the "
        "`Coalescer` between them: at most one write in `every` ticks, always of the *newest* sample, at once after a "
        "silence, and never the same one twice.",
        name="Coalescer",
        stub=COALESCE,
        reference=RIGHT,
        judge=check_coalesce,
        hints=(
            "`sample` only remembers. `tick` decides: is there something new, and is the last write long enough ago?",
            "After a write there is nothing new any more.",
        ),
        wrong=(
            WrongAnswer(DROPS, "never written"),
            WrongAnswer(
                RIGHT.replace("self.newest, self.last = None, now", "self.last = now"), "written twice"
            ),
            WrongAnswer(
                RIGHT.replace("now - self.last >= self.every", "now % self.every == 0"), "waits for nothing"
            ),
            WrongAnswer(
                RIGHT.replace("self.newest = sample", "self.newest = self.newest or sample"),
                "Something old was written",
            ),
            WrongAnswer(RIGHT.replace("self.newest is not None", "self.newest"), "A sample of 0"),
            WrongAnswer(RIGHT.replace(">= self.every", ">= 4"), "here `every` is 2"),
        ),
        why="Coalescing drops what nobody would have seen, and never the last value. It is right for a state, where "
        "the newest says all, and wrong for events, each of which counts.",
    )
