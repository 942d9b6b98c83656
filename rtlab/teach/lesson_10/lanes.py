"""Pictures of readers side by side: of one technique on several paths, and of one reader that changes its technique."""

from __future__ import annotations

from collections.abc import Sequence

from rtlab.teach.lesson_10.laboratory import Laboratory
from rtlab.view.picture import Picture
from rtlab.view.space_time import space_time
from rtlab.view.strokes import Lane

ORDER = ("websocket", "sse", "long", "adaptive", "short")  # in which techniques are tried


def side_by_side(
    lab: Laboratory, channels: Sequence[str], *, title: str, technique: str = "websocket"
) -> Picture:
    """Draw what crossed since the last `wire.clear()`: a lane for each channel, named like it, on one time axis."""
    messages, since = lab.wire.messages, lab.wire.since
    lanes: list[Lane] = []
    appends: dict[str, int] = {}
    for channel in channels:
        there = lab.appended(channel, since)
        numbers = {id: str(number) for number, id in enumerate(there, 1)}
        lanes.append(Lane(technique, [m for m in messages if m.channel == channel], numbers, channel))
        appends |= there
    return space_time(lanes, appends, title=title)


def one_after_the_other(lab: Laboratory, channel: str, *, title: str) -> Picture:
    """Draw one reader of a channel that tried several techniques: in each lane the events that this one brought."""
    messages, there = lab.wire.messages, lab.appended(channel, lab.wire.since)
    numbers = {id: str(number) for number, id in enumerate(there, 1)}
    lanes = []
    for technique in ORDER:
        if of_lane := [m for m in messages if m.channel == channel and m.technique == technique]:
            brought = {id for m in of_lane if m.direction == "down" for id in m.events}
            lanes.append(Lane(technique, of_lane, {id: numbers[id] for id in there if id in brought}))
    return space_time(lanes, there, title=title)
