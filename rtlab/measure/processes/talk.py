"""How the processes of an experiment speak with the one who started them: lines of JSON."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

Questions = dict[str, Callable[..., Any]]


def hear() -> Any:
    """The next line from the parent; None when there will be no more."""
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def say(answer: object) -> None:
    """One line to the parent."""
    print(json.dumps(answer), flush=True)


def answer(questions: Questions) -> None:
    """Answer questions until there will be no more."""
    while (question := hear()) is not None:
        name, *arguments = question
        say(questions[name](*arguments))


async def answer_beside(questions: Questions) -> None:
    """As `answer`, while the loop goes on with its work; the answers are made on the loop."""
    while (question := await asyncio.to_thread(hear)) is not None:
        name, *arguments = question
        say(questions[name](*arguments))
