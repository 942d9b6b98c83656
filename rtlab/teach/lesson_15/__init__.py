"""The exercises of lesson 15, the live dashboard: an alert with hysteresis, a thin history, ten a second for eyes."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_15.alert import an_alert
from rtlab.teach.lesson_15.coalesce import what_eyes_need
from rtlab.teach.lesson_15.thin import a_thin_history


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return an_alert(), a_thin_history(), what_eyes_need()
