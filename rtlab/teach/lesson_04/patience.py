"""Exercise 04.4: how long to hold behind a proxy that gives up."""

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer


def the_hold_time() -> Exercise:
    """Return 04.4: the longest whole hold that a proxy lets through."""
    return Exercise(
        id="04.4",
        title="a proxy that gives up after 30 s",
        task="Between your clients and your server stands a proxy. It passes a request on and starts a clock: if no "
        "answer has reached it after 30 s, it answers `504` itself. From proxy to server a message takes 40 ms, each "
        "way. A busy server may be up to 1.5 s late when a hold ends. What is the longest `wait`, in whole seconds "
        "(`Prefer: wait` has no others), with which no client ever sees a `504`?",
        name="wait",
        stub="wait = ...\n",
        reference="wait = int(30 - 2 * 0.040 - 1.5)\n",
        judge=Number(
            28,
            "seconds",
            "the longest whole number of seconds whose answer is always at the proxy before 30 s have passed",
            within=0.001,
            slips={
                30: "With a hold of 30 s the answer leaves when the proxy gives up, and has its way still to go.",
                29: "With the way there and back that fits, if the server is on time. It may be late.",
                28.42: "That is where the limit lies, to the hundredth. `Prefer: wait` wants whole seconds.",
                60: "The server would hold for 60 s; the proxy is not asked.",
                15: "No client sees a `504`, but a quiet channel is asked almost twice as often as it must be.",
            },
        ),
        hints=(
            "The proxy's clock runs while the request goes to the server, while it is held, and while the answer "
            "comes back.",
            "Add up everything that may happen before the answer is at the proxy; it must stay below 30 s.",
        ),
        wrong=(
            WrongAnswer("wait = 30\n", "has its way still to go"),
            WrongAnswer("wait = 29\n", "It may be late"),
            WrongAnswer("wait = 30 / 2\n", "almost twice as often"),
        ),
        why="The most impatient box on the path decides how long you may hold. RFC 6202 (section 5.5) calls 30 s the "
        "safer value where the path is not known; what is below the limit costs a few empty answers and nothing else.",
    )
