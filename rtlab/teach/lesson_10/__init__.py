"""The exercises of lesson 10: a loop that survives the storm, a heartbeat, six recordings, and how long to pause."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_10.diagnosis import six_recordings
from rtlab.teach.lesson_10.follow import survive_the_storm
from rtlab.teach.lesson_10.heart import is_anybody_there
from rtlab.teach.lesson_10.longest import how_long_at_most


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; the order of the recordings is the student's own."""
    return survive_the_storm(), is_anybody_there(), six_recordings(draw), how_long_at_most()
