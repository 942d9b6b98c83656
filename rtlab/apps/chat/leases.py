"""Who is here: nobody says that he has gone, so a name is lent for a while and has to be asked for again.

A connection cannot tell: short polling has none between two questions, and one that is open may have nobody at its
other end. A lease works the same for all. Times are seconds of any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rtlab.errors import InvalidField


@dataclass(frozen=True)
class Lease:
    """A name in a room, lent to one page until a moment; what its owner does, and the last message that he has seen."""

    tab: str
    name: str
    room: str
    until: float
    typing: bool = False
    seen: str | None = None


class Leases:
    """All leases, by the page that holds them."""

    SECONDS = 12.0  # that a lease lasts; a page renews it every 4, so two renewals may be lost

    def __init__(self) -> None:
        self._by_tab: dict[str, Lease] = {}

    def check_name(self, name: str, tab: str, now: float) -> None:
        """Raises InvalidField if another page holds the name, in whatever capitals."""
        for lease in self._by_tab.values():
            if lease.name.casefold() == name.casefold() and lease.tab != tab and lease.until > now:
                raise InvalidField("name", f"The name {name} is taken: choose another one.")

    def renew(self, lease: Lease) -> set[str]:
        """Note a lease in the place of the page's last one; the rooms that look different now."""
        before = self._by_tab.get(lease.tab)
        self._by_tab[lease.tab] = lease
        if before is None:
            return {lease.room}
        return set() if replace(before, until=lease.until) == lease else {before.room, lease.room}

    def give_back(self, tab: str) -> set[str]:
        """A page that says good-bye; the rooms that look different now."""
        lease = self._by_tab.pop(tab, None)
        return set() if lease is None else {lease.room}

    def expire(self, now: float) -> set[str]:
        """Forget what has run out; the rooms that look different now."""
        over = [lease for lease in self._by_tab.values() if lease.until <= now]
        for lease in over:
            del self._by_tab[lease.tab]
        return {lease.room for lease in over}

    def people(self, room: str) -> list[Lease]:
        """Who is in a room, in the order of arrival."""
        return [lease for lease in self._by_tab.values() if lease.room == room]

    def rooms(self) -> dict[str, int]:
        """How many are in each room that somebody is in."""
        counts: dict[str, int] = {}
        for lease in self._by_tab.values():
            counts[lease.room] = counts.get(lease.room, 0) + 1
        return counts
