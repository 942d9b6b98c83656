"""Histories of several writers: what each did, and when they heard of each other."""

import random
from dataclasses import dataclass, field

from rtlab.apps.text.operations import Operation
from rtlab.apps.text.replica import Replica

SITES = ("ada", "bob", "eve")


@dataclass
class History:
    """Writers who edit their own copies; each operation goes into one list, and to the others when they listen."""

    replicas: list[Replica] = field(default_factory=lambda: [Replica(site) for site in SITES])
    told: list[Operation] = field(default_factory=list)
    heard: list[int] = field(default_factory=lambda: [0] * len(SITES))

    def insert(self, who: int, where: float, text: str) -> None:
        """Put text in at a place from 0, the beginning, to 1, the end."""
        copy = self.replicas[who]
        self.told += copy.insert(round(where * len(copy.text)), text)

    def delete(self, who: int, where: float, count: int) -> None:
        """Take some letters out."""
        copy = self.replicas[who]
        self.told += copy.delete(int(where * len(copy.text)), count)

    def listen(self, who: int, most: int) -> None:
        """Hear of the next operations that were told, at most so many."""
        for operation in self.told[self.heard[who] :][:most]:
            self.replicas[who].apply(operation)
            self.heard[who] += 1

    def texts(self) -> list[str]:
        """What each reads when all have heard all."""
        for who in range(len(SITES)):
            self.listen(who, len(self.told))
        return [copy.text for copy in self.replicas]


def random_history(chance: random.Random, steps: int = 40) -> History:
    """A history in which much is done at the same place and few listen."""
    history = History()
    for _ in range(steps):
        who, where = chance.randrange(len(SITES)), chance.choice((0.0, 0.5, 1.0, chance.random()))
        deed = chance.random()
        if deed < 0.55:
            history.insert(who, where, "".join(chance.choices("abcxyzé€😀\n", k=chance.randint(1, 4))))
        elif deed < 0.8:
            history.delete(who, where, chance.randint(1, 3))
        else:
            history.listen(who, chance.randint(1, 10))
    return history
