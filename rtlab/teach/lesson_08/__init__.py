"""Lesson 08, measured latency: what it asks first, and its exercises on samples, budgets, phases and omission."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_08.budget import a_budget_for_the_slowest
from rtlab.teach.lesson_08.enough import enough_events
from rtlab.teach.lesson_08.locked import which_is_locked
from rtlab.teach.lesson_08.omission import nobody_left_out
from rtlab.teach.lesson_08.single_run import SINGLE_RUN

QUESTIONS = (SINGLE_RUN,)


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return enough_events(), a_budget_for_the_slowest(), which_is_locked(), nobody_left_out()
