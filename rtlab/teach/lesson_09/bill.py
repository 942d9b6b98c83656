"""Exercise 09.3: servers and money for a given load."""

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer

_RIGHT = """\
deliveries = 200_000 * 5
servers = math.ceil(deliveries * 12e-6 / 0.6 / 4)
dollars = servers * 100 + deliveries * 180 * 30 * 86_400 / 1e9 * 0.05
"""


def _bill(source: str) -> str:
    return "import math\n" + source


def the_bill() -> Exercise:
    """Return 09.3: what a scoreboard for 200,000 costs in a month."""
    return Exercise(
        id="09.3",
        title="the month's bill",
        task="A scoreboard has 200,000 clients on event streams, and five events a second, which everybody gets. A "
        "push costs 12 µs of CPU and 180 bytes on the wire, a connection 15 kB of memory. A server has four cores "
        "and 8 GB, costs 100 dollars a month, and shall be 60 % busy at most, on average over its cores. Traffic "
        "costs 0.05 dollars a gigabyte (10⁹ bytes). How many dollars is a month of 30 days, servers and traffic "
        "together?",
        name="dollars",
        stub="dollars = ...\n",
        reference=_bill(_RIGHT),
        judge=Number(
            23_828.0,
            "dollars",
            "whole servers for the deliveries, each at most 60 % busy, plus the bytes of a month",
            within=0.0005,
            slips={
                500.0: "Those are the servers. What do the bytes cost?",
                23_328.0: "Those are the bytes. What do the servers cost?",
                23_628.0: "Three servers are full to the brim: none of them shall be more than 60 % busy.",
                23_428.0: "One server would do for the memory. Is the CPU enough?",
                25_328.0: "Twenty cores are wanted, and a server has four of them.",
                5_165.6: "An event goes out five times a second, not once.",
                187_124.0: "Bytes are paid for, not bits.",
            },
        ),
        hints=(
            "Deliveries a second are clients × events. From them follow cores, and bytes.",
            "Cores at 60 %, divided by four, rounded up: the servers. Does one server's memory hold its clients?",
        ),
        wrong=(
            WrongAnswer(_bill(_RIGHT.replace(" / 0.6", "")), "full to the brim"),
            WrongAnswer("dollars = 500\n", "What do the bytes cost"),
            WrongAnswer(_bill(_RIGHT.replace("deliveries * 180", "200_000 * 180")), "not once"),
            WrongAnswer(_bill(_RIGHT.replace(" / 0.6 / 4", " / 0.6")), "a server has four"),
        ),
        why="The servers are two per cent of the bill. At such a rate the first thing to look at is the bytes of an "
        "event, then whether everybody needs every event at once; the technique comes after that.",
    )
