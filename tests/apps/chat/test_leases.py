"""A name is lent for a while: who is here is who has asked again in time."""

import pytest

from rtlab.apps.chat.leases import Lease, Leases
from rtlab.errors import InvalidField


def lease(tab="a", name="ada", room="lobby", until=10.0, **more):
    return Lease(tab, name, room, until, **more)


def test_a_room_looks_different_only_when_somebody_has_come_gone_or_done_something():
    leases = Leases()
    assert leases.renew(lease()) == {"lobby"}
    assert leases.renew(lease(until=14.0)) == set()
    assert leases.renew(lease(typing=True)) == {"lobby"}
    assert leases.renew(lease(seen="x.1")) == {"lobby"}
    assert leases.renew(lease(room="kitchen")) == {"lobby", "kitchen"}
    assert leases.give_back("a") == {"kitchen"}
    assert leases.give_back("a") == set()


def test_who_does_not_ask_again_is_gone_when_the_lease_is_over_and_not_before():
    leases = Leases()
    leases.renew(lease(until=10.0))
    leases.renew(lease("b", "bob", until=12.0))
    assert leases.expire(9.99) == set()
    assert leases.expire(10.0) == {"lobby"}
    assert [one.name for one in leases.people("lobby")] == ["bob"]
    assert leases.rooms() == {"lobby": 1}


def test_a_name_is_its_holders_until_the_lease_is_over():
    leases = Leases()
    leases.renew(lease(until=10.0))
    leases.check_name("ada", "a", 5.0)
    leases.check_name("ada", "b", 10.0)
    with pytest.raises(InvalidField, match="taken") as refused:
        leases.check_name("ADA", "b", 9.0)
    assert refused.value.field == "name"
