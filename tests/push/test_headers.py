"""RFC 8030's headers: what is right is read, what is wrong is told."""

import pytest

from rtlab.errors import BadInput
from rtlab.push.headers import PUSH, SET, Urgency, link, read_links, read_topic, read_ttl, wants_receipt


def test_urgencies_are_in_order_and_named_as_the_rfc_has_them():
    assert [level.text for level in sorted(Urgency)] == ["very-low", "low", "normal", "high"]
    assert Urgency.parse(" Very-Low ") is Urgency.VERY_LOW


@pytest.mark.parametrize("text", ["", "urgent", "low, high", "normal, normal"])
def test_another_urgency_or_two_of_them_are_refused(text):
    with pytest.raises(BadInput, match="very-low, low, normal, high"):
        Urgency.parse(text)


def test_a_ttl_is_whole_seconds_and_the_service_may_shorten_it():
    assert [read_ttl(text, 3600) for text in ("0", "15", "99999")] == [0, 15, 3600]


@pytest.mark.parametrize("text", [None, "", "-1", "1.5", "soon", "٣"])
def test_a_ttl_that_is_missing_or_no_number_is_refused(text):
    with pytest.raises(BadInput, match="TTL is"):
        read_ttl(text, 3600)


def test_a_topic_has_at_most_32_characters_of_base64url():
    assert read_topic(None) is None
    assert read_topic("a" * 32) == "a" * 32
    for wrong in ("", "a" * 33, "score of the match", "a/b"):
        with pytest.raises(BadInput, match="1 to 32"):
            read_topic(wrong)


def test_links_are_found_by_their_relation_in_one_header_or_several():
    both = [link("/push/p/a", PUSH), link("/push/set/b", SET)]
    assert read_links(both) == read_links([", ".join(both)]) == {PUSH: "/push/p/a", SET: "/push/set/b"}
    assert read_links(["nonsense"]) == {}


@pytest.mark.parametrize(
    ("prefer", "wanted"),
    [("", False), ("respond-async", True), ("wait=5, Respond-Async;x=1", True), ("respond", False)],
)
def test_a_receipt_is_wanted_where_the_answer_may_come_later(prefer, wanted):
    assert wants_receipt(prefer) is wanted
