"""Lesson 05, server-sent events: its exercises, a proxy that buffers, and a stage for a browser's `EventSource`."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_05.block import the_block
from rtlab.teach.lesson_05.late import how_late
from rtlab.teach.lesson_05.parser import the_parser


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return the_parser(), the_block(), how_late()
