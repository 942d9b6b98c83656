"""The market without bots, and scores that a test tells: pages on which nothing happens but what the test does."""

import inspect
from pathlib import Path

from rtlab.apps.market import Market
from rtlab.apps.scores import Scores


class Empty(Market):
    """An exchange where only people trade."""

    folder = Path(inspect.getfile(Market)).parent

    def __init__(self):
        super().__init__(rate=0)


class Told(Scores):
    """A feed that anybody may write to, and nobody does by himself."""

    folder = Path(inspect.getfile(Scores)).parent

    async def run(self, hub):
        pass

    def check(self, channel, data):
        pass
