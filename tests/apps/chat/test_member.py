"""A member of a room, from Python: by every technique he hears all, says once, and is here while he is."""

import pytest

from rtlab import Lab
from rtlab.apps.chat import Chat
from rtlab.apps.chat.leases import Leases
from rtlab.apps.chat.member import READERS, Member
from rtlab.apps.site import Applications
from rtlab.errors import ServerError


@pytest.fixture
def lab():
    with Lab(extensions=[Applications([Chat()])]) as lab:
        yield lab


@pytest.mark.parametrize("by", READERS)
def test_members_hear_what_was_and_what_is_said_and_see_each_other(lab, by):
    with Member(lab.url, "ada") as ada:
        ada.say("before")
        with Member(lab.url, "bob", by=by) as bob:
            assert bob.wait(lambda: bob.heard == ["before"])
            assert bob.say("hello", key="k") == bob.say("hello", key="k")
            assert ada.wait(lambda: ada.heard == ["before", "hello"])
            assert bob.wait(lambda: bob.heard == ["before", "hello"])
            assert ada.wait(lambda: ada.here == ["ada", "bob"])
        assert ada.wait(lambda: ada.here == ["ada"])


def test_a_member_who_vanishes_is_here_until_the_lease_is_over(lab, monkeypatch):
    monkeypatch.setattr(Leases, "SECONDS", 0.9)
    with Member(lab.url, "ada") as ada, Member(lab.url, "bob", by="short") as bob:
        assert ada.wait(lambda: ada.here == ["ada", "bob"])
        bob.vanish()
        assert ada.wait(lambda: ada.here == ["ada"])


def test_a_name_that_is_taken_is_told_at_the_door(lab):
    with Member(lab.url, "ada") as ada:
        assert ada.wait(lambda: ada.here)
        with pytest.raises(ServerError, match="taken"), Member(lab.url, "ada"):
            pass
