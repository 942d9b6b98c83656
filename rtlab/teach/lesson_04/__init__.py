"""The exercises of lesson 04, long polling: the client's loop, the hold, the handler, and a proxy in between."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_04.follow import ask_again_at_once
from rtlab.teach.lesson_04.handler import the_handler
from rtlab.teach.lesson_04.hold import hold_an_answer
from rtlab.teach.lesson_04.patience import the_hold_time


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises, the lines of 04.2 shuffled for one student."""
    return ask_again_at_once(), hold_an_answer(draw), the_handler(), the_hold_time()
