"""The exercises of lesson 06, the WebSocket handshake: its accept value, its faults, and the client's half."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_06.accept import the_accept_value
from rtlab.teach.lesson_06.answer import check_the_answer
from rtlab.teach.lesson_06.faults import six_faults
from rtlab.teach.lesson_06.head import read_the_head
from rtlab.teach.lesson_06.opening import open_a_websocket


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises, with keys and orders drawn for one student."""
    return (
        the_accept_value(draw),
        six_faults(draw),
        check_the_answer(draw),
        read_the_head(draw),
        open_a_websocket(draw),
    )
