"""What happens on a match day, all of it decided by a seed: kick-offs, goals in bursts, cards, corrections.

A goal brings on another: the moments are those of `measure.workload.bursty`. One goal in five is corrected some
minutes later, because the video assistant saw an offside, or because somebody else was the scorer.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

TEAMS = (
    "Anchor", "Beacon", "Cobalt", "Dynamo", "Ember", "Falcon", "Granite", "Harbour", "Iris",
    "Juniper", "Kestrel", "Lantern",
)  # fmt: skip
PLAYERS = (
    "Abe",
    "Bianchi",
    "Castro",
    "Diallo",
    "Evans",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ito",
    "Jansen",
    "Khan",
)
MINUTES = 90
GOALS = 2.8  # in a match, on average
CARDS = 2.0
CORRECTED = 0.2  # of the goals


class Happening(NamedTuple):
    """What is told at a minute of the match day; `of` is the number of the happening that it amends."""

    minute: float
    data: dict[str, Any]
    of: int | None = None


def match_day(seed: int, matches: int = 6) -> list[Happening]:
    """The happenings of one match day, in the order in which they are told."""
    chance = random.Random(seed)
    teams = chance.sample(TEAMS, 2 * matches)
    fixtures = [{"match": str(n + 1), "home": teams[2 * n], "away": teams[2 * n + 1]} for n in range(matches)]
    told: list[tuple[Happening, Happening | None]] = [
        (Happening(0.0, {"kind": "round", "matches": fixtures}), None)
    ]
    for number, fixture in enumerate(fixtures):
        told += _match(fixture["match"], number * 0.5, seed * 100 + number, chance)
    told.sort(key=lambda each: each[0].minute)  # stable: what comes first at one minute stays first
    places = {id(happening): place for place, (happening, _) in enumerate(told)}
    return [
        happening._replace(of=places[id(amended)]) if amended else happening for happening, amended in told
    ]


def _match(
    match: str, kickoff: float, seed: int, chance: random.Random
) -> list[tuple[Happening, Happening | None]]:
    """One match: each happening, and the one that it amends."""
    from rtlab.measure.workload import bursty, poisson  # needs numpy, which a server alone does without

    def happening(minute: float, kind: str, **more: Any) -> Happening:
        return Happening(
            kickoff + minute, {"kind": kind, "match": match, "minute": min(MINUTES, int(minute) + 1), **more}
        )

    def somebody() -> dict[str, str]:
        return {"side": chance.choice(("home", "away")), "player": chance.choice(PLAYERS)}

    told: list[tuple[Happening, Happening | None]] = [(happening(0.0, "kick-off"), None)]
    for minute in bursty(GOALS / MINUTES, MINUTES, branching=0.4, decay=0.2, seed=seed).times:
        told.append((goal := happening(minute, "goal", **somebody()), None))
        if chance.random() < CORRECTED:
            to, why = None, "offside, says the video assistant"
            if chance.random() < 0.4:
                scorer = chance.choice([name for name in PLAYERS if name != goal.data["player"]])
                to, why = goal.data | {"player": scorer}, "the scorer was somebody else"
            later = goal.minute + chance.uniform(1.0, 4.0)
            told.append((Happening(later, {"kind": "amend", "to": to, "why": why}), goal))
    told += [
        (happening(minute, "card", **somebody()), None)
        for minute in poisson(CARDS / MINUTES, MINUTES, seed=seed).times
    ]
    return [*told, (happening(MINUTES + 5.0, "end"), None)]
