"""The exercises of lesson 13, brokers: what survives, an append that is done once, how many processes."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_13.append_once import append_once
from rtlab.teach.lesson_13.processes import how_many
from rtlab.teach.lesson_13.survives import what_survives


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises, the lines of 13.2 shuffled for one student."""
    return what_survives(), append_once(draw), how_many()
