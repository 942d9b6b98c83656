"""Exercise 04.3: the Tornado handler that holds a request, to be written."""

from __future__ import annotations

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_04.street import check_handler

_HEAD = '''
import asyncio
from tornado.web import RequestHandler

class EventsHandler(RequestHandler):
    """`GET /events?after=PLACE&wait=SECONDS`: the events after a place, held until there is one."""

    def initialize(self, channel):
        self.channel = channel
'''

STUB = f"""{_HEAD}
    async def get(self):
        after = int(self.get_query_argument("after"))
        wait = float(self.get_query_argument("wait"))
        raise NotImplementedError
"""

REFERENCE = f"""{_HEAD}        self.waiter = None

    async def get(self):
        after = int(self.get_query_argument("after"))
        wait = float(self.get_query_argument("wait"))
        if len(self.channel.events) <= after:
            self.waiter = asyncio.get_running_loop().create_future()
            self.channel.waiters.add(self.waiter)
            await asyncio.wait([self.waiter], timeout=wait)
            self.channel.waiters.discard(self.waiter)
        if not self.request.connection.stream.closed():
            events = self.channel.events
            self.write({{"events": events[after:], "cursor": len(events)}})

    def on_connection_close(self):
        if self.waiter is not None:
            self.waiter.cancel()
"""

_LOOK = "        if len(self.channel.events) <= after:\n"
_BUSY = f"""{_HEAD}
    async def get(self):
        after = int(self.get_query_argument("after"))
        until = asyncio.get_running_loop().time() + float(self.get_query_argument("wait"))
        while len(self.channel.events) <= after and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.01)
        events = self.channel.events
        self.write({{"events": events[after:], "cursor": len(events)}})
"""


def the_handler() -> Exercise:
    """Return 04.3: the server's half of long polling."""
    forgets = REFERENCE[: REFERENCE.index("    def on_connection_close")]
    raises = REFERENCE.replace(
        "await asyncio.wait([self.waiter], timeout=wait)", "await asyncio.wait_for(self.waiter, wait)"
    )
    return Exercise(
        id="04.3",
        title="the handler (write)",
        task="Write `get`. It answers with `{'events': […], 'cursor': PLACE}`: the events after the place `after`, "
        "and how many there are in all, which is the next place. If there is none yet, it holds the request until "
        "there is, for at most `wait` seconds; then the list is empty. `channel.events` is the list of all events. "
        "`channel.waiters` is a set: whoever publishes completes every `asyncio.Future` that is in it, and empties it. "
        "Tornado calls `on_connection_close()` of a handler when its client has left. The check runs your class on a "
        "real server, with clients that are slow, many, or gone.",
        name="EventsHandler",
        stub=STUB,
        reference=REFERENCE,
        judge=check_handler,
        hints=(
            "Look first: is there already something after `after`? Only if not, make a future, put it into `waiters` "
            "and wait for it with a time limit: `await asyncio.wait([future], timeout=wait)`.",
            "Keep the future in `self`, so that `on_connection_close` can end the wait; and take it out of `waiters` "
            "whichever way the wait ended.",
        ),
        wrong=(
            WrongAnswer(_BUSY, "looked at `channel.events`"),
            WrongAnswer(forgets, "gone for good"),
            WrongAnswer(REFERENCE.replace(_LOOK, "        if True:\n"), "between the answer"),
            WrongAnswer(REFERENCE.replace("events[after:]", "events[-1:]"), "all behind it is news"),
            WrongAnswer(raises, "TimeoutError"),
            WrongAnswer(
                REFERENCE.replace("            self.channel.waiters.discard(self.waiter)\n", ""),
                "still in `waiters`",
            ),
        ),
        why="Holding costs nothing while nothing happens: no look, no loop, one future in a set. The care goes into "
        "the edges: look before you wait, and let go of whoever has left.",
        limit=15.0,
    )
