"""Lesson 16, trading and scores: its exercises, readers that are slow, and what orders and reading cost."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_16.backlog import fold_a_backlog
from rtlab.teach.lesson_16.corrections import the_score
from rtlab.teach.lesson_16.matching import match_an_order


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return match_an_order(), fold_a_backlog(), the_score()
