"""The winner map from unit costs to picture."""

from rtlab.measure.unit_costs import EXAMPLE
from rtlab.measure.winner import steps, winner_map
from rtlab.teach.winners import draw, vertical


def test_a_map_is_worked_out_and_drawn() -> None:
    found = winner_map(EXAMPLE, steps(0.01, 1000, 11), clients=[10, 1000, 100_000])
    picture = draw(found, crossover={"crossover": vertical(28.0, found)}, confirmed=[(1.0, 10.0, "sse")])
    assert repr(picture).startswith("The least server CPU within 1 s: server-sent events")
    assert "clients (10 to 100000)" in picture.description
    delays = winner_map(EXAMPLE, steps(0.01, 1000, 11), delay=[0.001, 0.1], cheapest="bytes")
    assert "one-way delay, s" in draw(delays, dark=True).description
