"""What lesson 09 shows costs with, by one import: cards, charts and the chooser."""

from rtlab.teach.chooser import chooser
from rtlab.teach.knee import knee_parts
from rtlab.teach.loads import cost_dots, how_dear, push_to_polling
from rtlab.teach.unit_costs import unit_costs
from rtlab.teach.verdicts import verdicts
from rtlab.teach.winners import draw, vertical

__all__ = [
    "chooser",
    "cost_dots",
    "draw",
    "how_dear",
    "knee_parts",
    "push_to_polling",
    "unit_costs",
    "verdicts",
    "vertical",
]
