"""The bench of applications: a small crowd, and what it says of it."""

import pytest

from rtlab.apps.bench import SCENES, Scene, chat, measure, print_scenes, table, together, watchers
from rtlab.apps.market.watchers import ONE_STOCK
from rtlab.errors import BadInput


@pytest.mark.parametrize("by", ["websocket", "long"])
def test_a_crowd_in_a_room_hears_everything_and_the_server_has_worked_for_it(by):
    cost = measure(Scene("a small room", "chat", chat(by, members=4, rate=20)), seconds=0.5)
    assert cost.load.published == 10
    assert len(cost.load.latencies) == cost.load.expected == 40
    assert min(cost.load.latencies) > 0
    assert cost.cpu > 0
    assert cost.memory > 10_000_000
    heading, line = table([cost]).splitlines()
    assert line.startswith("a small room")
    assert len(heading) == len(line)


def test_a_hundred_devices_obey_on_one_process():
    (scene,) = [scene for scene in SCENES if scene.name == "devices by WebSocket"]
    cost = measure(scene, seconds=0.5)
    assert cost.load.clients == 100
    assert len(cost.load.latencies) == cost.load.expected == 10
    assert min(cost.load.latencies) > 0


@pytest.mark.parametrize("by", ["websocket", "sse"])
def test_watchers_of_a_book_get_it_again_and_again(by):
    cost = measure(Scene("a few watchers", "market", watchers(by, number=3), ONE_STOCK), seconds=0.5)
    assert cost.load.clients == 3
    assert cost.load.published == 250
    assert len(cost.load.latencies) > 30
    assert table([cost]).splitlines()[1].startswith("a few watchers")


def test_crowds_of_several_applications_share_a_server():
    scenes = [
        Scene("a small room", "chat", chat("websocket", members=3, rate=20)),
        Scene("a few watchers", "market", watchers("websocket", number=2), ONE_STOCK),
    ]
    room, book = together(scenes, seconds=0.5)
    assert len(room.load.latencies) == room.load.expected == 30
    assert len(book.load.latencies) > 20
    assert (room.cpu, room.memory) == (book.cpu, book.memory)


def test_an_application_without_a_scene_is_refused():
    with pytest.raises(BadInput, match="there are chat"):
        print_scenes(["chess"], 1.0)


def test_every_scene_has_a_name_of_its_own():
    assert len({scene.name for scene in SCENES}) == len(SCENES)
