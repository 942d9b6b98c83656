"""The exercises of lesson 17, devices: catching up, one order given twice, and how long a battery lasts."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_17.battery import a_month_on_two_cells
from rtlab.teach.lesson_17.catch_up import back_on_the_air
from rtlab.teach.lesson_17.retry import one_key


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return back_on_the_air(), one_key(), a_month_on_two_cells()
