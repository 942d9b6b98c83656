"""The exercises of lesson 09, cost and scale: a table with a flaw, the crossover, a bill, three customers."""

import random

from rtlab.teach.exercises import Exercise
from rtlab.teach.lesson_09.bill import the_bill
from rtlab.teach.lesson_09.crossover import the_crossover
from rtlab.teach.lesson_09.customers import three_customers
from rtlab.teach.lesson_09.table import the_table


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return the_table(), the_crossover(), the_bill(), three_customers()
