"""What an application costs its server with a crowd before it: CPU, memory, and how late things are known.

The server runs in a process of its own, so that what the system says of that process is the server's alone. The crowd
runs in this one. A scene is an application and a crowd for it; an application adds its own to `SCENES`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from rtlab.apps.apart import ServerApart
from rtlab.apps.chat.member import Member
from rtlab.apps.devices.bench import NUMBER, give_orders
from rtlab.apps.market.watchers import ONE_STOCK, RATE, watch
from rtlab.errors import BadInput


@dataclass(frozen=True)
class Load:
    """What a crowd did and saw: how many clients, what they published and should have heard, and how late it was."""

    clients: int
    published: int
    expected: int  # deliveries
    latencies: list[float]  # seconds, one for each delivery; from before it was sent, so the way up is in it


@dataclass(frozen=True)
class Scene:
    """`play(url, seconds)` brings a crowd to the server at `url`, which serves `app`, for so many seconds.

    `variant`: what is served instead, as module:Class.
    """

    name: str
    app: str
    play: Callable[[str, float], Load]
    variant: str = ""


@dataclass(frozen=True)
class Cost:
    """What the server spent on a scene: `cpu` in cores, `memory` in bytes at the end, `before` without anybody."""

    scene: str
    load: Load
    seconds: float
    cpu: float
    memory: int
    before: int


def chat(by: str, members: int = 50, rate: float = 5.0) -> Callable[[str, float], Load]:
    """People in one room: `rate` messages a second together, each heard by all."""

    def play(url: str, seconds: float) -> Load:
        spoken: dict[str, int] = {}
        with ExitStack() as stack:
            crowd = [stack.enter_context(Member(url, f"member {n}", by=by)) for n in range(members)]
            began = time.monotonic()
            for number in range(round(rate * seconds)):
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
                now = time.monotonic_ns()
                spoken[crowd[number % members].say(f"message {number} " + 40 * "x")] = now
            for member in crowd:
                member.wait_for(len(spoken))
            late = [
                (one.arrivals[id] - at) / 1e9
                for one in crowd
                for id, at in spoken.items()
                if id in one.arrivals
            ]
        return Load(members, len(spoken), members * len(spoken), late)

    return play


def hundred_devices(url: str, seconds: float) -> Load:
    """Orders to a hundred devices, which run beside the server; how late each was done and known to be."""
    given, late = give_orders(url, seconds)
    return Load(NUMBER, given, given, late)


def watchers(by: str, number: int = 20) -> Callable[[str, float], Load]:
    """Watchers of a book; one that was replaced before it left is owed to nobody, so what is heard was to be heard."""

    def play(url: str, seconds: float) -> Load:
        ages = watch(url, seconds, by, number)
        return Load(number, round(RATE * seconds), len(ages), ages)

    return play


DEVICES = "rtlab.apps.devices.bench"
SCENES: list[Scene] = [
    Scene("chat by WebSocket", "chat", chat("websocket")),
    Scene("chat by server-sent events", "chat", chat("sse")),
    Scene("chat by long polling", "chat", chat("long")),
    Scene("chat by short polling", "chat", chat("short")),
    Scene("market by WebSocket", "market", watchers("websocket"), ONE_STOCK),
    Scene("market by server-sent events", "market", watchers("sse"), ONE_STOCK),
    Scene("devices by WebSocket", "devices", hundred_devices, f"{DEVICES}:ByWebSocket"),
    Scene("devices by long polling", "devices", hundred_devices, f"{DEVICES}:ByLongPolling"),
    Scene("devices by short polling", "devices", hundred_devices, f"{DEVICES}:ByShortPolling"),
]


def measure(scene: Scene, seconds: float) -> Cost:
    """Play a scene before a server of its own."""
    with ServerApart(scene.variant or scene.app) as server:
        before, cpu, began = server.memory, server.cpu, time.monotonic()
        load = scene.play(server.url, seconds)
        took = time.monotonic() - began
        return Cost(scene.name, load, took, (server.cpu - cpu) / took, server.memory, before)


def together(scenes: Sequence[Scene], seconds: float) -> list[Cost]:
    """Play scenes of different applications at once before one server: CPU and memory are those of all together."""
    with (
        ServerApart(*(scene.variant or scene.app for scene in scenes)) as server,
        ThreadPoolExecutor() as pool,
    ):
        before, cpu, began = server.memory, server.cpu, time.monotonic()
        playing = [pool.submit(scene.play, server.url, seconds) for scene in scenes]
        loads = [played.result() for played in playing]
        took = time.monotonic() - began
        used, memory = (server.cpu - cpu) / took, server.memory
        return [
            Cost(scene.name, load, took, used, memory, before)
            for scene, load in zip(scenes, loads, strict=True)
        ]


def print_together(seconds: float) -> None:
    """Fifty people, twenty watchers and a hundred devices on one server, each by WebSocket; and print a table."""
    at_once = [scene for scene in SCENES if scene.name.endswith("by WebSocket")]
    print(
        f"{seconds:g} s, at once on one server: its CPU and memory stand in each line. The crowds share a process.\n"
    )
    print(table(together(at_once, seconds)))


def print_scenes(names: Collection[str], seconds: float) -> None:
    """Measure the scenes of the applications of these names (none: of all), and print a table."""
    wanted = [scene for scene in SCENES if not names or scene.app in names]
    if unknown := set(names) - {scene.app for scene in SCENES}:
        known = ", ".join(dict.fromkeys(scene.app for scene in SCENES))
        raise BadInput(f"there is no scene for {', '.join(sorted(unknown))}: there are {known}")
    print(f"{seconds:g} s each; the crowd runs in one process beside the server, and is busy too.\n")
    print(table(measure(scene, seconds) for scene in wanted))


def table(costs: Iterable[Cost]) -> str:
    """One line for each scene."""
    lines = [
        f"{'':28}{'clients':>8}{'heard':>9}{'lost':>6}{'CPU, % of a core':>18}{'memory, MB':>12}{'grown':>7}"
        f"{'median, ms':>12}{'p99, ms':>9}"
    ]
    for cost in costs:
        late = sorted(cost.load.latencies)
        median, p99 = (1e3 * late[round(part * (len(late) - 1))] for part in (0.5, 0.99))
        lines.append(
            f"{cost.scene:28}{cost.load.clients:8}{len(late):9,}{cost.load.expected - len(late):6}"
            f"{100 * cost.cpu:18.1f}{cost.memory / 1e6:12.1f}{(cost.memory - cost.before) / 1e6:7.1f}"
            f"{median:12.1f}{p99:9.1f}"
        )
    return "\n".join(lines)
