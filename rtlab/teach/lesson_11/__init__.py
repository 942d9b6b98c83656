"""The exercises of lesson 11, who may listen: closing the holes, checking a token, inflating with a limit."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_11.bearer import check_the_token
from rtlab.teach.lesson_11.inflate import inflate_with_a_limit
from rtlab.teach.lesson_11.refusal import close_the_holes


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for every student."""
    return close_the_holes(), check_the_token(), inflate_with_a_limit()
