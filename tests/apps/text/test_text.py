"""The shared text over a real server: what it takes, and what who comes late gets."""

import contextlib
import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from rtlab import Lab, ShortPolling, publish
from rtlab.apps.site import Applications
from rtlab.apps.text import EVERY, LONGEST, Text
from rtlab.apps.text.operations import RUN, decode, decode_whole, encode
from rtlab.apps.text.replica import Replica
from rtlab.apps.text.writer import Writer
from rtlab.clients import READERS, Publisher
from rtlab.errors import BadInput, ServerError, Unavailable
from rtlab.event import Event
from rtlab.server.limits import Limits
from rtlab.wire.proxies import Refuses


@pytest.fixture
def lab():
    with Lab(extensions=[Applications([Text()])]) as lab:
        yield lab


def insert(**changes):
    return {"insert": "a", "id": "1@ada", "after": None, **changes}


@pytest.mark.parametrize(
    ("channel", "data", "says"),
    [
        ("text", "hello", "changes no text: publish"),
        ("text", {"ops": []}, "1 to 1000 operations"),
        ("text", {"ops": [insert()] * 1001}, "1 to 1000 operations"),
        ("text", {"ops": [{"insert": "a"}]}, "is no operation: give insert, id and after"),
        ("text", {"ops": ["a"]}, "is no operation"),
        ("text", {"ops": [insert(bold=True)]}, "is no operation"),
        ("text", {"ops": [insert(id="1@Ada")]}, "'1@Ada' names no letter"),
        ("text", {"ops": [insert(id="0@ada")]}, "names no letter"),
        ("text", {"ops": [insert(id=["1", "ada"])]}, "names no letter"),
        ("text", {"ops": [insert(after="9@bob")]}, "1@ada cannot stand behind 9@bob"),
        ("text", {"ops": [insert(insert="")]}, "1 to 1000 letters"),
        ("text", {"ops": [insert(insert="x" * (RUN + 1))]}, "1 to 1000 letters"),
        ("text", {"ops": [insert(insert="a\rb")]}, r"control character '\\r'"),
        ("text", {"ops": [insert(id=f"{LONGEST + 1}@ada")]}, "counts too far"),
        ("text", {"ops": [{"delete": 0, "id": "1@ada"}]}, "'0' letters cannot be deleted"),
        ("text", {"ops": [{"delete": True, "id": "1@ada"}]}, "cannot be deleted"),
        ("text.whole", {"ops": [insert()]}, r"On text\.whole only the server speaks"),
        ("text.here", {"site": "ada", "name": ""}, "say who you are"),
        ("text.here", {"site": "A B", "name": "Ada"}, "A site has 1 to 16"),
        ("text.here", {"site": "ada", "name": "Ada", "after": "here"}, "names no letter"),
        ("text.here", {"site": "ada", "name": "Ada", "colour": "red"}, "A caret has"),
    ],
)
def test_what_is_no_operation_and_no_caret_is_refused_with_a_sentence(lab, channel, data, says):
    with pytest.raises(ServerError, match=says):
        publish(lab.channel(channel), data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1@ada", "2@bob"]),
    lambda deeper: (
        st.lists(deeper, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ops", "insert", "delete", "id", "after", "x"]), deeper, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(JSON, st.sampled_from(["text", "text.here", "text.x"]))
def test_whatever_is_published_is_taken_or_refused_in_words(data, channel):
    for given_data in (data, {"ops": [data]}):
        with contextlib.suppress(BadInput):
            Text().check(channel, given_data)


def test_a_text_that_is_full_takes_no_new_letter_but_what_it_has_again():
    app = Text()
    app.check("text", encode(Replica("eve").insert(0, "x" * LONGEST)))
    app.check("text", {"ops": [insert(id="1@eve")]})
    app.check("text", {"ops": [{"delete": 5, "id": "1@eve"}]})
    with pytest.raises(
        BadInput, match="The text is full: it holds 20,000 letters, with those that were deleted"
    ):
        app.check("text", {"ops": [insert()]})


def test_nobody_can_use_up_the_numbers_or_the_room_with_few_letters():
    app, ada = Text(), Replica("ada")
    app.check("text", encode(ada.insert(0, "x" * 100)))
    with pytest.raises(BadInput, match="20000@eve counts too far ahead: the server knows 100 letters"):
        app.check("text", {"ops": [insert(id=f"{LONGEST}@eve")]})
    with pytest.raises(BadInput, match="The text is full"):
        app.check("text", {"ops": [{"delete": RUN, "id": f"1@eve{n}"} for n in range(20)]})
    with pytest.raises(BadInput, match="too many letters for one event: give at most 40,000"):
        app.check("text", {"ops": [{"delete": RUN, "id": f"1@eve{n}"} for n in range(41)]})
    app.check("text", encode(ada.insert(0, "goes on")))


def test_letters_that_wait_for_another_take_room_at_once():
    app = Text()
    waits = [insert(insert="x" * RUN, id=f"2@eve{n}", after="1@nobody") for n in range(20)]
    app.check("text", {"ops": waits})
    with pytest.raises(BadInput, match="The text is full"):
        app.check("text", {"ops": [insert()]})


def test_a_text_that_the_server_has_forgotten_is_told_anew_in_pieces():
    chance, app = random.Random(5), Text()
    writers = [Replica(site) for site in ("ada", "bob")]
    for _ in range(300):
        writer = chance.choice(writers)
        for operation in writer.insert(chance.randrange(1 + writer.size), "x" * chance.randint(1, 60)):
            for other in writers:
                other.apply(operation)
    told = writers[0].operations()
    for start in range(0, len(told), 50):
        app.check("text", encode(told[start : start + 50]))


@pytest.mark.parametrize("by", READERS)
def test_two_who_were_both_offline_read_the_same_when_they_are_back(lab, by):
    options = {"interval": 0.05} if by == "short" else {}
    with (
        Writer(lab.channel("text"), "ada", by, **options) as ada,
        Writer(lab.channel("text"), "bob", by, **options) as bob,
    ):
        ada.insert(0, "Hello.")
        assert bob.wait(lambda: bob.text == "Hello.")
        for writer in (ada, bob):
            writer.go_offline()
        ada.insert(5, " world")
        bob.delete(0, 5)
        bob.type(0, "Good day")
        assert (ada.text, bob.text) == ("Hello world.", "Good day.")
        for writer in (bob, ada):
            writer.come_back()
        for writer in (ada, bob):
            assert writer.wait(lambda writer=writer: writer.text == "Good day world.")
        assert len(bob.published) == 1, "all that was written offline is one event"


def whole(lab, holds):
    """The newest whole text for which something holds."""
    with ShortPolling(lab.channel("text.whole"), after="last", interval=0.05) as reader:
        for event in reader.events(timeout=15):
            if isinstance(event, Event) and holds(event.data):
                return event.data
    raise AssertionError("it was never told")


def late(lab):
    """The text of somebody who comes now: first the whole, then what was done since."""
    told = whole(lab, lambda data: True)
    copy = Replica("late")
    for operation in decode_whole(told):
        copy.apply(operation)
    with ShortPolling(lab.channel("text"), after=told["upto"], interval=0.05) as reader:
        for item in reader.events(timeout=0.3):
            assert isinstance(item, Event), "no gap"
            for operation in decode(item.data):
                copy.apply(operation)
    return copy


def test_what_could_not_be_told_goes_with_what_is_written_next(lab, monkeypatch):
    monkeypatch.setattr(sys.modules["rtlab.clients.publish"], "PAUSES", (0.01,))
    with Writer(lab.channel("text"), "ada", "sse") as ada, Writer(lab.channel("text"), "bob", "sse") as bob:
        lab.middleboxes(Refuses(502, only="^POST"))
        with pytest.raises(Unavailable):
            ada.insert(0, "not told")
        lab.middleboxes()
        ada.insert(0, "told, and what was ")
        assert bob.wait(lambda: bob.text == ada.text == "told, and what was not told")


def test_who_comes_late_gets_the_whole_also_when_the_window_was_overtaken():
    with Lab(extensions=[Applications([Text()])], limits=Limits(events=EVERY + 20)) as lab:
        assert late(lab).text == ""
        ada = Replica("ada")
        for number in range(2 * EVERY + 30):
            operations = ada.delete(0) if number % 4 == 3 else ada.insert(number % 7, "x")
            publish(lab.channel("text"), encode(operations))
        whole(lab, lambda data: data["upto"] != "start")
        copy = late(lab)
        assert (copy.text, copy.size, copy.waiting) == (ada.text, ada.size, 0)
        with ShortPolling(lab.channel("text"), after="start") as reader:
            kept = [*reader.events(timeout=0.1)]
        assert len(kept) <= EVERY + 20 < 2 * EVERY, "the log alone would not have been enough"


def test_a_server_that_is_started_again_knows_also_what_its_broker_has_trimmed(redis):
    def lab():
        return Lab(extensions=[Applications([Text()])], broker=redis.address)

    ada = Replica("ada")
    with lab() as first, Publisher(first.channel("text")) as publisher:
        for _ in range(EVERY + 5):
            publisher.publish(encode(ada.insert(0, "x")))
        whole(first, lambda data: data["upto"] != "start")
    with contextlib.closing(Redis.from_url(redis.address)) as client:
        client.xtrim("rtlab:{text}", maxlen=10, approximate=False)
    with Lab(broker=redis.address) as without_application:
        without_application.publish("text", "this is no operation")
    with lab() as second:
        whole(second, lambda data: data["upto"] != "start")
        with Publisher(second.channel("text")) as publisher:
            for _ in range(EVERY):
                publisher.publish(encode(ada.insert(0, "y")))
        whole(second, lambda data: len(data["ops"]) > EVERY + 5)
        assert late(second).text == ada.text
