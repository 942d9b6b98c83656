"""A channel's URL, right and wrong."""

import pytest

from rtlab.clients import publish
from rtlab.clients.channel import Channel
from rtlab.errors import BadInput


@pytest.mark.parametrize(
    ("url", "events", "socket"),
    [
        (
            "http://127.0.0.1:8765/channels/news",
            "http://127.0.0.1:8765/channels/news/events",
            "ws://127.0.0.1:8765",
        ),
        (
            "ws://127.0.0.1:8765/channels/news",
            "http://127.0.0.1:8765/channels/news/events",
            "ws://127.0.0.1:8765",
        ),
        (
            "https://example.org/channels/a.b_c-1",
            "https://example.org:443/channels/a.b_c-1/events",
            "wss://example.org:443",
        ),
        (
            "WSS://example.org/channels/n/",
            "https://example.org:443/channels/n/events",
            "wss://example.org:443",
        ),
        ("http://[::1]/channels/n", "http://[::1]:80/channels/n/events", "ws://[::1]:80"),
        (
            "http://hub/user/ann/proxy/8765/channels/n",
            "http://hub:80/user/ann/proxy/8765/channels/n/events",
            "ws://hub:80",
        ),
        ("http://h/channels/channels", "http://h:80/channels/channels/events", "ws://h:80"),
        ("http://h/channels/events", "http://h:80/channels/events/events", "ws://h:80"),
    ],
)
def test_a_right_one_is_taken_apart(url: str, events: str, socket: str) -> None:
    channel = Channel.parse(url)
    assert channel.http("events") == events
    assert channel.websocket() == socket + channel.path + "/socket"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("news", "does not begin with http"),
        ("ftp://h/channels/news", "does not begin with http"),
        ("127.0.0.1:8765/channels/news", "does not begin with http"),
        ("http:///channels/news", "no server in it"),
        ("http://h:0/channels/news", "port 0"),
        ("http://h:99999/channels/news", "Port out of range"),
        ("http://h:port/channels/news", "Port"),
        ("http://[::1/channels/news", "IPv6"),
        ("http://h", "does not end with /channels/NAME"),
        ("http://h/", "does not end with /channels/NAME"),
        ("http://h/channels", "does not end with /channels/NAME"),
        ("http://h/news", "does not end with /channels/NAME"),
        ("http://h/channels/news/events", "leave out /events"),
        ("http://h/channels/news/stream", "leave out /stream"),
        ("http://h/channels/news/socket/", "leave out /socket"),
        ("http://h/channels/two words", "not a channel name"),
        ("http://h/channels/" + "x" * 65, "not a channel name"),
        ("http://h/channels/näme", "not a channel name"),
        ("http://me:secret@h/channels/news", "more than a server and a path"),
        ("http://h/channels/news?after=now", "more than a server and a path"),
        ("http://h/channels/news#top", "more than a server and a path"),
    ],
)
def test_a_wrong_one_is_refused_with_what_would_be_right(url: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        Channel.parse(url)
    assert "One looks like http://127.0.0.1:8765/channels/news" in str(caught.value)
    with pytest.raises(BadInput, match=why):
        publish(url, "data")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("h", False),
    ],
)
def test_loopback_is_known(host: str, loopback: bool) -> None:
    assert Channel.parse(f"http://{host}/channels/n").is_loopback is loopback
