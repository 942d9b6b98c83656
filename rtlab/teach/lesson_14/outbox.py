"""Exercise 14.3: the outbox, which sends again without saying anything twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtlab.errors import KeyReused
from rtlab.log import Log
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

TEXTS = ("hello", "is anybody there?", "hello", "yes", "good night")
FIRST = 3  # are said in the first call
MOST = 60  # calls after which nobody waits any longer

Post = Callable[[str, str], str]


@dataclass(frozen=True)
class FlakyPath:
    """Lets `deliver` send over a path that is cut now before the server has a message, now behind it."""

    def __call__(self, deliver: Callable[[list[str], Post], Any]) -> None:
        """Send `TEXTS`, three and then the rest; the log must have each once, in order."""
        for seed in range(4):
            log, calls = Log(), [0]
            post = self._post(log, calls, random.Random(seed))
            deliver(list(TEXTS[:FIRST]), post)
            deliver(list(TEXTS[FIRST:]), post)
            self._judge([event.data for event in log.read("start").events], calls[0])

    @staticmethod
    def _post(log: Log, calls: list[int], chance: random.Random) -> Post:
        def post(text: str, key: str) -> str:
            calls[0] += 1
            if calls[0] > MOST:
                raise Wrong(
                    DID, f"more than {MOST} attempts", "an end when all is said", "Go on with the next one."
                )
            if not isinstance(key, str):
                raise Wrong(DID, f"the key {show(key)}", "a key that is text: it goes into a header", "")
            fate = chance.choice(("well", "lost on the way up", "answer lost"))
            if fate == "lost on the way up":
                raise ConnectionError("no answer")
            try:
                id = log.append(text, key).id
            except KeyReused:
                raise Wrong(
                    DID,
                    f"the key {show(key)} for two messages",
                    "a key of its own for each, in all calls",
                    "The server remembers keys from call to call: what begins anew in each is no key.",
                ) from None
            if fate == "answer lost":
                raise ConnectionError("no answer")
            return id

        return post

    @staticmethod
    def _judge(got: list[Any], calls: int) -> None:
        if got == list(TEXTS):
            return
        wanted = f"each of the {len(TEXTS)} once, in order (two of them have the same words)"
        if calls == 0:
            advice = "Nothing was sent: call `post(text, key)`."
        elif any(got.count(text) > TEXTS.count(text) for text in got):
            advice = (
                "Something was said twice: the answer was lost, not the message, and the key was another one."
            )
        elif len(got) < len(TEXTS):
            advice = "Something was not said: it was lost and not sent again, or taken for a message of the same words."
        else:
            advice = "The order is another one: a message overtook one that was still on its way."
        raise Wrong(DID, show(got), wanted, advice)


DID = "sent five messages, in two calls, over a path that loses some on their way, and of others the answer"

STUB = '''
def deliver(texts, post):
    """Say each text once and in order. `post(text, key)` raises ConnectionError if no answer comes."""
    for text in texts:
        ...
'''

HEAD = "import secrets\ndef deliver(texts, post):\n"
TRY = (
    "            try:\n                post(text, {key})\n                break\n"
    "            except ConnectionError:\n                pass\n"
)


def the_outbox() -> Exercise:
    """Return 14.3: sending again."""
    key_first = "    for text in texts:\n        key = secrets.token_hex(8)\n        while True:\n"
    again = "    for text in texts:\n        while True:\n"
    numbered = "    for number, text in enumerate(texts):\n        while True:\n"
    later = (
        "    left = [(text, secrets.token_hex(8)) for text in texts]\n"
        "    while left:\n"
        "        text, key = left.pop(0)\n"
        "        try:\n            post(text, key)\n"
        "        except ConnectionError:\n            left.append((text, key))\n"
    )
    once = (
        "    for text in texts:\n        try:\n            post(text, secrets.token_hex(8))\n"
        "        except ConnectionError:\n            pass\n"
    )
    return Exercise(
        id="14.3",
        title="the outbox",
        task="Write `deliver(texts, post)`. `post(text, key)` sends one message; the server appends it, unless it "
        "knows the key already, and answers. When no answer comes, `post` raises `ConnectionError`, and nobody knows "
        "whether the message arrived. Say each text once, in order. (A real outbox also waits between two attempts.)",
        name="deliver",
        stub=STUB,
        reference=HEAD + key_first + TRY.format(key="key"),
        judge=FlakyPath(),
        hints=(
            "Until an answer comes, the only safe thing is to send the same message again. With what does the server "
            "recognise it?",
            "Make the key once for each message, outside of the loop that tries. `secrets.token_hex(8)` makes one.",
        ),
        wrong=(
            WrongAnswer(HEAD + again + TRY.format(key="secrets.token_hex(8)"), "said twice"),
            WrongAnswer(HEAD + again + TRY.format(key="text"), "same words"),
            WrongAnswer(HEAD + once, "not sent again"),
            WrongAnswer(HEAD + later, "overtook"),
            WrongAnswer(HEAD + again + TRY.format(key="'key'"), "a key of its own"),
            WrongAnswer(HEAD + numbered + TRY.format(key="str(number)"), "from call to call"),
            WrongAnswer(HEAD + numbered + TRY.format(key="number"), "a key that is text"),
        ),
        why="At least once on the way, at most once in the log: together that is once, for as long as the log "
        "remembers the key.",
    )
