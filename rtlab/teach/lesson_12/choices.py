"""Exercise 12.1: TTL, urgency and topic for five notifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtlab.errors import BadInput
from rtlab.push.headers import Urgency, read_topic
from rtlab.teach.card import Rows
from rtlab.teach.checks import ValueCheck
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

DAY = 86_400


@dataclass(frozen=True)
class Needs:
    """What a notification needs, and why: seconds from `least` to `most`, some urgencies, a topic or none.

    `topic` None: either will do.
    """

    what: str
    least: int
    most: int
    long: str
    urgencies: tuple[str, ...]
    urgent: str
    topic: bool | None
    replaces: str


FIVE: Mapping[str, Needs] = {
    "call": Needs(
        "A friend calls; it rings for 30 seconds.",
        0,
        30,
        "A phone that rings when the caller has hung up is a nuisance.",
        ("high",),
        "It is worth waking a phone whose battery is low.",
        None,
        "",
    ),
    "score": Needs(
        "The score of a match that you follow, sent at each goal; the match is over in two hours.",
        60,
        3 * 3600,
        "An old score is no news once the match is over, and one of a minute ago still is.",
        ("low", "normal"),
        "It is not worth more than a chat message, and not an advertisement either.",
        True,
        "Who was away wants the score as it stands, not each goal on the way to it.",
    ),
    "chat": Needs(
        "A message in a chat with a friend.",
        DAY,
        28 * DAY,
        "A friend's message is worth reading tomorrow as well.",
        ("normal",),
        "RFC 8030 has chat as its example of this urgency.",
        False,
        "Each message says something of its own: the second does not replace the first.",
    ),
    "code": Needs(
        "The one-time code for a login; it holds for five minutes.",
        30,
        300,
        "Once the code does not hold any more, it only confuses; and whoever logs in may need a moment.",
        ("high",),
        "Somebody sits there and waits for it.",
        None,
        "",
    ),
    "sale": Needs(
        "Shoes are cheaper until Sunday; today is Thursday.",
        3600,
        4 * DAY,
        "After Sunday it is not true any more.",
        ("very-low",),
        "An advertisement can wait until the device is on power and on Wi-Fi.",
        None,
        "",
    ),
}
RIGHT: dict[str, tuple[int, str, str | None]] = {
    "call": (30, "high", None),
    "score": (7200, "low", "match-7"),
    "chat": (7 * DAY, "normal", None),
    "code": (300, "high", None),
    "sale": (3 * DAY, "very-low", "sale"),
}


class Choices(ValueCheck):
    """Judges each choice by what the notification needs; where several will do, all are right."""

    def __call__(self, answer: Any) -> None:
        """Report the first choice that somebody would be sorry for."""
        did = "read your choices"
        if not isinstance(answer, dict) or set(answer) != set(FIVE):
            raise Wrong(did, show(answer), f"a `dict` with the keys {', '.join(FIVE)}")
        for name, needs in FIVE.items():
            self._judge(name, needs, answer[name])

    def _judge(self, name: str, needs: Needs, choice: Any) -> None:
        did = f"looked at your choice for `{name}`"
        if not isinstance(choice, tuple | list) or len(choice) != 3:
            raise Wrong(did, show(choice), "three things: `(TTL in seconds, urgency, topic or None)`")
        ttl, urgency, topic = choice
        if isinstance(ttl, bool) or not isinstance(ttl, int) or ttl < 0:
            raise Wrong(did, show(ttl), "a TTL in whole seconds, 0 or more")
        if urgency not in [level.text for level in Urgency]:
            raise Wrong(did, show(urgency), "one of the words very-low, low, normal, high")
        if topic is not None and not isinstance(topic, str):
            raise Wrong(did, show(topic), "a topic as text, or `None`")
        try:
            read_topic(topic)
        except BadInput as refused:
            wanted = "a topic that a push service takes: 1 to 32 letters, digits, `-` and `_`"
            raise Wrong(
                did, show(topic), wanted, "It would answer `400`, and the device would get nothing."
            ) from refused
        if not needs.least <= ttl <= needs.most:
            way = "shorter" if ttl > needs.most else "longer"
            raise Wrong(did, f"a TTL of {ttl} s", f"a {way} one", needs.long)
        if urgency not in needs.urgencies:
            raise Wrong(did, f"the urgency `{urgency}`", "another one", needs.urgent)
        if needs.topic is not None and (topic is not None) is not needs.topic:
            raise Wrong(did, show(topic), "a topic" if needs.topic else "no topic", needs.replaces)


def choose_for_five() -> Exercise:
    """Return 12.1."""

    def answer(**changed: tuple[int, str, str | None]) -> str:
        return f"choices = {RIGHT | changed!r}\n"

    return Exercise(
        id="12.1",
        title="for how long, how urgently, instead of what?",
        task="Choose TTL (seconds), urgency and topic for five notifications: "
        "`choices = {'call': (TTL, 'urgency', 'topic' or None), …}`. Several choices can be right.",
        name="choices",
        stub="choices = {'call': None, 'score': None, 'chat': None, 'code': None, 'sale': None}\n",
        reference=answer(),
        judge=Choices(),
        hints=(
            "For TTL ask: after how many seconds would you be sorry that it still arrives?",
            "For urgency, read again when each of the four is worth a wake-up (RFC 8030, section 5.3). For a topic ask "
            "whether the newest message says everything that the ones before it said.",
        ),
        wrong=(
            WrongAnswer(answer(call=(DAY, "high", None)), "the caller has hung up"),
            WrongAnswer(answer(score=(7200, "low", None)), "the score as it stands"),
            WrongAnswer(answer(score=(7200, "low", "")), "would answer `400`"),
            WrongAnswer(answer(score=(7200, "low", "match 7")), "would answer `400`"),
            WrongAnswer(answer(chat=(7 * DAY, "normal", "chat")), "does not replace the first"),
            WrongAnswer(answer(chat=(0, "normal", None)), "worth reading tomorrow"),
            WrongAnswer(answer(sale=(3 * DAY, "high", None)), "on power and on Wi-Fi"),
        ),
        why="Three headers decide what somebody finds on the screen in the morning: nothing that is over, one score "
        "instead of five, and a battery that is not spent on shoes.",
        shown=(Rows(tuple((name, needs.what) for name, needs in FIVE.items())),),
    )
