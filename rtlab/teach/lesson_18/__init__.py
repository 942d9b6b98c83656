"""Lesson 18, together: copies of a text that agree, and a game that predicts; its exercises and experiments."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_18.insert_rule import who_stands_first
from rtlab.teach.lesson_18.newest import drop_the_late
from rtlab.teach.lesson_18.one_event import many_keys_one_event
from rtlab.teach.lesson_18.reconcile import replay_what_waits


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return who_stands_first(), many_keys_one_event(), replay_what_waits(), drop_the_late()
