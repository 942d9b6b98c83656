"""A show of hands: everybody votes, and sees the count change."""

from collections import Counter

from rtlab.apps.app import App
from rtlab.errors import BadInput
from rtlab.event import Event

CHOICES = ("polling", "streaming", "both")


class Vote(App):
    """Counts what is cast on `vote.cast`, and says the count on `vote`."""

    name, title, summary = "vote", "Vote", "A show of hands."

    def check(self, channel, data):
        """Refuse what is no vote; the count is nobody's to write but ours."""
        if channel != "vote.cast":
            raise BadInput("the count is made here: cast a vote on vote.cast")
        if not isinstance(data, dict) or data.get("choice") not in CHOICES:
            raise BadInput(f"choose one of {', '.join(CHOICES)}")

    async def run(self, hub):
        """Count each vote, from the first that is kept on."""
        counts = Counter(dict.fromkeys(CHOICES, 0))
        await hub.publish("vote", counts)
        async for item in hub.read("vote.cast", after="start"):
            if isinstance(item, Event):
                counts[item.data["choice"]] += 1
                await hub.publish("vote", counts)
