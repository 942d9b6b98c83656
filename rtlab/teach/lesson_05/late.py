"""Exercise 05.3: how late a buffering proxy makes a stream."""

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer


def how_late() -> Exercise:
    """Return 05.3: the event that waits longest in a proxy's buffer."""
    return Exercise(
        id="05.3",
        title="how late a buffer makes it",
        task="A proxy passes a stream on in full buffers of 4,000 bytes. Each event is a block of 80 bytes, and two "
        "events happen each second, evenly. The first event of a buffer waits longest: how long, in seconds, until "
        "the buffer is full?",
        name="seconds",
        stub="seconds = ...\n",
        reference="seconds = (4000 / 80 - 1) / 2\n",
        judge=Number(
            24.5,
            "seconds",
            "the time from a buffer's first event to its last, which fills it",
            within=0.001,
            slips={
                25.0: "Nearly. The first event is in the buffer already: how many does it still wait for?",
                49.0: "Two events happen each second.",
                50.0: "That is how many events fill the buffer.",
                98.0: "Two events a second: half a second from one to the next.",
                12.25: "That is the mean over a buffer's events; the first waits longest.",
            },
        ),
        hints=(
            "How many events fill the buffer?",
            "From the first to the last of n events are n − 1 intervals.",
        ),
        wrong=(
            WrongAnswer("seconds = 4000 / 80 / 2\n", "in the buffer already"),
            WrongAnswer("seconds = 4000 / 80\n", "how many events"),
            WrongAnswer("seconds = (4000 / 80 - 1) / 4\n", "the mean"),
        ),
        why="A buffer counts bytes, not seconds: the quieter a stream is, the later it gets.",
    )
