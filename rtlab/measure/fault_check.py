"""What a reader may have seen and nothing else: every event once and in order, or a gap that says how many are missing.

A log in memory counts its events from 1, so the ids alone tell whether anything is missing. What was acknowledged to a
publisher must be in the log, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rtlab.event import Cursor, Event, Gap


@dataclass
class Verdict:
    """What was found: how many events and gaps were right, and a sentence for each thing that was not."""

    events: int = 0
    gaps: int = 0
    missed: int = 0  # events that counted gaps announced
    faults: list[str] = field(default_factory=list)


def check_reader(name: str, opened: str, items: Iterable[Event | Gap], verdict: Verdict) -> None:
    """Follow one reader; `name` is for the sentences, `opened` the cursor that it had before its first item.

    `start` is the oldest event that was there when it came, whichever that was.
    """
    log, position = ("", 0) if opened == "start" else (Cursor.parse(opened).log, _number(opened))
    in_gap = False
    for item in items:
        cursor = item.cursor if isinstance(item, Gap) else item.id
        now, there = Cursor.parse(cursor).log, _number(cursor)
        known = log in (now, "new")
        if isinstance(item, Gap):
            if item.missed is not None and log and (not known or there - position != item.missed):
                verdict.faults.append(
                    f"{name}: the gap {log}.{position} to {cursor} says {item.missed} missed"
                )
            verdict.gaps += 1
            verdict.missed += item.missed or 0
        else:
            if log and not known:
                verdict.faults.append(f"{name}: {cursor} after {log}.{position}: no gap told of the new log")
            elif log and there != position + 1:
                what = "again" if there <= position else "too far on"
                verdict.faults.append(f"{name}: {cursor} after {log}.{position} is {what}")
            verdict.events += 1
        log, position, in_gap = now, there, isinstance(item, Gap)
    if in_gap:
        verdict.faults.append(f"{name}: a gap at {log}.{position} with nothing behind it")


def _number(cursor: str) -> int:
    position = Cursor.parse(cursor).position
    assert isinstance(position, int), "a log in memory counts"
    return position


def check_log(
    appended: Sequence[tuple[str, str]], acknowledged: dict[str, str], window: int, verdict: Verdict
) -> None:
    """Hold what publishers were told against the log.

    `appended` are ids and the keys in their data, in order. A key may come again once the window of that many events
    has forgotten it, and in another log.
    """
    ids = dict(appended)
    for key, id in acknowledged.items():
        if ids.get(id) != key:
            verdict.faults.append(f"{id} was acknowledged for {key}, and the log has {ids.get(id)} there")
    latest: dict[tuple[str, str], int] = {}
    for id, key in appended:
        log, number = Cursor.parse(id).log, _number(id)
        if (before := latest.get((log, key))) is not None and number - before <= window:
            verdict.faults.append(f"{key} is in the log {log} at {before} and again at {number}")
        latest[log, key] = number
