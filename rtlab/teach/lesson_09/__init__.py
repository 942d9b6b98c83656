"""The exercises of lesson 09, cost and scale: the crossover, a bill, a table with a flaw, three customers."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_09.bill import the_bill
from rtlab.teach.lesson_09.crossover import the_crossover
from rtlab.teach.lesson_09.customers import three_customers
from rtlab.teach.lesson_09.table import the_table


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return the_crossover(), the_bill(), the_table(), three_customers()
