"""Lesson 13's own parts: brokers behind taps, questions that are held, readers that only count, the formula."""

import asyncio
import struct
import time

import psutil
import pytest
from redis import Redis

from rtlab import Lab, LongPolling
from rtlab.brokers.embedded import EmbeddedRedis
from rtlab.clients.publish import Publisher
from rtlab.errors import BadInput
from rtlab.fleet import Fleet
from rtlab.server.thread import ServerThread
from rtlab.teach.lesson_13 import engines, pictures
from rtlab.teach.lesson_13.crew import Crew, Watch
from rtlab.teach.lesson_13.drain import Readers
from rtlab.teach.lesson_13.history import history
from rtlab.teach.lesson_13.load import deliver
from rtlab.teach.lesson_13.processes import needed
from rtlab.teach.lesson_13.questions import fetches, typed, xreads
from rtlab.wire.record import DOWN, UP, Chunk


def children():
    return {one.pid for one in psutil.Process().children(recursive=True)}


@pytest.fixture
def redis():
    engine = engines.Redis()
    yield engine
    engine.close()


def test_a_broker_made_anew_takes_the_place_of_the_one_before_and_its_processes_are_gone():
    before = children()
    first = engines.Redis()
    first.fleet(1)
    second = engines.Redis()
    assert len(children() - before) == 2  # the broker, and who ends it if we cannot
    second.close()
    second.close()
    assert children() == before


def test_a_redis_by_address_is_looked_at_through_a_tap_and_left_running():
    with EmbeddedRedis() as theirs:
        mine = engines.Redis(f"redis://user:secret@127.0.0.1:{theirs.port}/3")
        assert mine.through == f"redis://user:secret@127.0.0.1:{mine.tap.address[1]}/3"
        mine.close()
        with Redis.from_url(theirs.address) as client:
            assert client.ping()


@pytest.mark.parametrize("address", ["rediss://host", "kafka://host", "memory"])
def test_what_no_tap_can_look_into_is_refused(address):
    with pytest.raises(BadInput, match="redis://HOST:PORT"):
        engines.Redis(address)


def test_a_server_long_polls_its_broker_while_it_is_long_polled(redis):
    with Lab(broker=redis.through) as lab, LongPolling(lab.channel("news"), wait=25) as reader:
        lab.publish("news", 1)
        list(reader.events(limit=1, timeout=10))
        lab.wire.clear()
        lab.publish("news", 2)
        list(reader.events(limit=1, timeout=10))
        answered = [question for question in xreads(redis.tap.record) if question.entries]
        drawn = pictures.held_twice(lab.wire.messages, redis.tap.record, "held")
    assert [question.entries for question in answered] == [1] * len(answered)
    assert answered[-1].wait == 5.0
    assert answered[-1].words.startswith("XREAD BLOCK 5000 COUNT 1000 STREAMS")
    assert answered[-1].held > 0
    assert "server to broker: XREAD BLOCK." in drawn.description


def test_a_command_of_resp_is_read_as_one_would_type_it():
    assert typed(b"*2\r\n$3\r\nGET\r\n$5\r\nprice\r\n") == "GET price"


def test_a_fetch_of_kafka_is_found_with_its_wait_and_its_answer():
    head = struct.pack(">hhih", 1, 11, 7, 2) + b"me" + struct.pack(">ii", -1, 500)
    other = struct.pack(">hhih", 3, 1, 8, 2) + b"me" + struct.pack(">ii", -1, 500)
    answer = struct.pack(">i", 7) + b"..........goal!"
    record = [
        Chunk(1, UP, 5, 10, struct.pack(">i", len(head)) + head),
        Chunk(1, UP, 6, 11, struct.pack(">i", len(other)) + other),
        Chunk(1, DOWN, 300_000_010, 300_000_015, struct.pack(">i", len(answer)) + answer),
    ]
    (found,) = fetches(record, b"goal!")
    assert (found.words, found.entries, found.held) == ("Fetch, version 11, max_wait_ms=500", 1, 0.3)


def test_readers_that_only_count_miss_no_event_and_count_none_twice():
    server = ServerThread()

    async def append(number):
        await server.server.channels.find("load").append(number)

    try:
        readers = Readers(server.server.port, "load", 3)
        while readers.opened < 3:
            readers.read()
        for number in range(50):
            server.run(append(number))
        while readers.events < 150:
            readers.read()
        assert readers.events == 150
        readers.close()
    finally:
        server.close()


def test_a_fleet_shares_the_deliveries_and_readers_survive_a_kill(redis):
    fleet = redis.fleet(2)
    load = deliver(fleet, readers=20, events=10, rate=200)
    assert load.deliveries == 200
    assert len(load.cpu) == 2
    with Crew(fleet.url, each=1) as crew, Watch(fleet.url) as watch, Publisher(crew.url) as publisher:
        publisher.publish(0, key="0")
        crew.wait(1)
        watch.mark("killed")
        fleet.kill(0)
        publisher.publish(1, key="1")
        crew.wait(2)
        deadline = time.monotonic() + 10
        while not watch.looks and time.monotonic() < deadline:
            time.sleep(0.02)
    assert crew.got == [[0, 1]] * 4
    assert "killed" in pictures.moves(watch.looks, watch.marks, "moves").description


def test_both_ways_of_passing_on_bring_all_and_one_of_them_keeps_it(redis):
    forgets, keeps = history(redis.address, messages=1000, keep=500)
    assert (forgets.received, keeps.received) == (1000, 1000)
    assert (forgets.kept, keeps.kept > 0) == (0, True)


def test_processes_divide_clients_and_not_events():
    assert needed(10_000, 200, 10e-6, 300e-6) == 38
    assert needed(20_000, 200, 10e-6, 300e-6) == 75
    assert needed(10_000, 200, 10e-6, 0.0) == 34


def test_a_fleet_can_be_started_where_a_loop_runs_as_in_a_cell_of_a_notebook(redis):
    async def cell():
        with Fleet(1, redis.address) as fleet:
            fleet.wait_ready()
            return fleet.pids

    assert asyncio.run(cell()) != []


@pytest.mark.parametrize(
    ("marks", "end"),
    [([(1.2, "killed")], 1.2), ([(0.98, "killed")], 1.0), ([], 1.05), ([(3.0, "later")], 1.05)],
)
def test_a_process_that_is_no_more_is_drawn_until_it_was_killed(
    marks: list[tuple[float, str]], end: float
) -> None:
    assert pictures._gone(1.0, 1.6, marks) == pytest.approx(end)
