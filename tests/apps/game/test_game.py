"""The game on a server: moves up, states down, players who predict, and what is refused."""

import asyncio
import threading

import pytest

from rtlab import Lab, LongPolling, ShortPolling, WebSocket, publish
from rtlab.apps.game import Game
from rtlab.apps.game.player import Player
from rtlab.apps.hub import ServerHub
from rtlab.errors import BadInput, RtlabError, ServerError
from rtlab.event import Event
from rtlab.server.fanout import Channels
from rtlab.server.limits import Limits

MOVES = {"player": "boat-ada1", "name": "Ada", "first": 1, "moves": ["e"]}


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.app(Game)
        yield lab


def states(reader):
    return (item.data for item in reader.events(timeout=20) if isinstance(item, Event))


def test_a_boat_moves_in_the_state_that_says_so(lab):
    with WebSocket(lab.channel("game"), after="last") as reader:
        publish(lab.channel("game.moves"), MOVES)
        pond = next(pond for pond in states(reader) if pond["boats"])
    assert pond["boats"]["boat-ada1"]["seen"] in (0, 1)
    assert pond["boats"]["boat-ada1"]["name"] == "Ada"


def test_the_channel_keeps_one_state_and_the_pond_rests_while_nobody_looks(lab):
    with LongPolling(lab.channel("game"), after="last") as reader:
        first, second = (next(states(reader)) for _ in range(2))
    assert second["tick"] > first["tick"]
    game = lab.server.server.channels.find("game")
    assert game.log is not None
    with LongPolling(lab.channel("game"), after="start") as reader:
        seen = [next(states(reader))["tick"]]
    with LongPolling(lab.channel("game"), after="start") as reader:
        seen.append(next(states(reader))["tick"])
    assert seen[1] >= seen[0]


def test_a_player_sees_a_move_at_once_and_is_right(lab):
    lab.network(delay=0.04)
    with Player(lab.url, "Ada") as ada:
        for move in ("n", "e", "s", "e", "n"):
            before = (ada.boat["x"], ada.boat["y"])
            ada.move(move)
            assert (ada.boat["x"], ada.boat["y"]) != before
        assert ada.settle()
        assert ada.boat["seen"] == 5
        assert not any(ada.corrections)
        assert len(ada.delays) == len(ada.shown) == 5
        assert min(ada.delays) >= 0.08


def test_two_players_meet_and_agree_in_the_end(lab):
    lab.network(delay=0.03)
    with Player(lab.url, "Ada") as ada, Player(lab.url, "Bob") as bob:
        assert ada.wait(lambda: bob.id in ada.prediction.shown["boats"])
        assert bob.wait(lambda: ada.id in bob.prediction.shown["boats"])
        for _ in range(400):
            if any(ada.corrections) or any(bob.corrections):
                break
            ada.chase(bob.id)
            bob.chase(ada.id)
            threading.Event().wait(0.04)
        assert ada.settle()
        assert bob.settle()
        assert any(ada.corrections) or any(bob.corrections)
        tick = max(ada.prediction.told["tick"], bob.prediction.told["tick"])
        for one in (ada, bob):
            assert one.wait(lambda one=one: one.prediction.told["tick"] >= tick)
            assert one.prediction.shown == one.prediction.told
        assert ada.prediction.told["boats"] == bob.prediction.told["boats"]


@pytest.mark.parametrize(
    ("channel", "data", "words"),
    [
        ("game", {"tick": 1}, "only the server speaks"),
        ("game.moves", MOVES | {"player": "constructor"}, "is no boat"),
        ("game.moves", MOVES | {"moves": ["up"]}, "'up' is no move"),
        ("game.moves", MOVES | {"moves": ["e"] * 41}, "at most 40"),
        ("game.moves", MOVES | {"first": 0}, "from 1 on"),
        ("game.moves", MOVES | {"name": " "}, "1 to 16 letters"),
        ("game.moves", "e", "no form"),
        (
            "game.signals",
            {"from": "boat-ada1", "to": "boat-bob1", "kind": "shout", "text": ""},
            "one of hello",
        ),
        (
            "game.signals",
            {"from": "boat-ada1", "to": "boat-bob1", "kind": "offer", "text": 20_001 * "x"},
            "20000",
        ),
    ],
)
def test_what_is_no_move_is_refused(lab, channel, data, words):
    with pytest.raises(ServerError, match=words):
        publish(lab.channel(channel), data)


def test_what_another_server_has_let_in_does_not_end_the_game():
    async def scene():
        game, hub = Game(), ServerHub(Channels(Limits()))
        hearing = asyncio.create_task(game._hear(hub))
        await asyncio.sleep(0)
        for data in ("no move", MOVES | {"moves": 7}, MOVES):
            await hub.publish("game.moves", data)
        while not game.referee.seats and not hearing.done():
            await asyncio.sleep(0)
        hearing.cancel()
        return list(game.referee.seats)

    assert asyncio.run(asyncio.wait_for(scene(), 10)) == ["boat-ada1"]


def test_a_full_pond_says_so(lab):
    for number in range(12):
        publish(lab.channel("game.moves"), MOVES | {"player": f"boat-{number:04}"})
    with LongPolling(lab.channel("game"), after="last") as reader:
        next(pond for pond in states(reader) if len(pond["boats"]) == 12)
        with pytest.raises(ServerError, match="full"):
            publish(lab.channel("game.moves"), MOVES)
        with pytest.raises(ServerError, match="full"), Player(lab.url, "Late"):
            pass


def test_a_short_poller_gets_the_newest_of_many_states(lab):
    with ShortPolling(lab.channel("game"), after="last", interval=0.3) as reader:
        ticks = [pond["tick"] for pond, _ in zip(states(reader), range(4), strict=False)]
    assert ticks == sorted(set(ticks))
    assert ticks[-1] - ticks[0] > 3


def test_a_seed_that_is_none_is_refused():
    with pytest.raises(BadInput, match="from 1"):
        Game(seed=0)
    assert issubclass(ServerError, RtlabError)
