"""The exercises of lesson 12, push notifications: five choices, the content key, a token with three faults."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_12.choices import choose_for_five
from rtlab.teach.lesson_12.content_key import the_content_key
from rtlab.teach.lesson_12.token import three_faults


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises."""
    return choose_for_five(), the_content_key(), three_faults()
