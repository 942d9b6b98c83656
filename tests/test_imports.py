"""Imports point one way: each room builds on the rooms to its left, and importing rtlab stays light."""

import ast
import graphlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "rtlab"

# Left to right: a room may import what stands to its left, and nothing of its own group or further right.
ORDER = (
    {"errors"},
    {"event", "technique", "installed", "guardian"},
    {"log", "protocol", "browser", "broker", "tcp"},
    {"server", "clients", "brokers", "wire"},
    {"fleet"},
    {"push", "measure", "view", "conformance"},
    {"teach", "apps", "jupyter", "doctor", "report"},
    {"lab"},
    {"serve", "watch"},
    {"cli"},
    {"__main__"},
)
# What bytes and events mean is said without sockets and event loops, and the protocols need no clock either.
SOCKETS_AND_LOOPS = {"asyncio", "tornado", "socket", "socketserver", "select", "selectors", "ssl"}
BANNED = {
    "protocol": SOCKETS_AND_LOOPS | {"time", "datetime", "threading"},
    "log": SOCKETS_AND_LOOPS,
    "event": SOCKETS_AND_LOOPS,
}
# Slow to import, and needed only by those who draw or are in a notebook.
HEAVY = (
    "matplotlib",
    "numpy",
    "ipywidgets",
    "anywidget",
    "IPython",
    "jupyter_client",
    "jupyter_core",
    "jupyterlab",
)


def modules() -> dict[str, Path]:
    """Every module of rtlab by its dotted name."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


MODULES = modules()


@cache
def imports(module: str, at_run_time: bool = False) -> dict[str, int]:
    """What a module imports, anywhere in it, by dotted name; the value is the line.

    `at_run_time` leaves out what stands under `if TYPE_CHECKING:`.
    """
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: dict[str, int] = {}
    for node in nodes(ast.parse(path.read_text()), at_run_time):
        if isinstance(node, ast.Import):
            found |= {alias.name: node.lineno for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                submodule = f"{base}.{alias.name}"
                found[submodule if submodule in MODULES else base] = node.lineno
    return found


def nodes(tree: ast.AST, at_run_time: bool) -> Iterator[ast.AST]:
    """The tree's nodes, those for the type checker only if wanted."""
    if at_run_time and isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.unparse(tree.test):
        return
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from nodes(child, at_run_time)


def room(module: str) -> str:
    """The room a module of rtlab is in: rtlab.server.app is in server. The front page itself is in none."""
    return module.removeprefix("rtlab").removeprefix(".").split(".")[0]


def rank(name: str) -> int:
    """The place of a room in the order."""
    for place, group in enumerate(ORDER):
        if name in group:
            return place
    pytest.fail(f"the room {name!r} has no place in ORDER: give it one")


def is_own(name: str) -> bool:
    return name == "rtlab" or name.startswith("rtlab.")


@pytest.mark.parametrize("module", [name for name in MODULES if room(name)])
def test_a_room_imports_only_what_stands_to_its_left(module: str) -> None:
    wrong = []
    for name, line in imports(module).items():
        if not is_own(name) or room(name) == room(module):
            continue
        if not room(name):
            wrong.append(f"line {line}: from rtlab itself; name the room")
        elif rank(room(name)) >= rank(room(module)):
            wrong.append(f"line {line}: {name}")
    assert not wrong


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) in BANNED])
def test_log_and_protocol_know_no_socket_and_no_loop(module: str) -> None:
    assert not BANNED[room(module)] & {name.split(".")[0] for name in imports(module)}


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) == "protocol"])
def test_protocol_stands_on_nothing_but_the_errors(module: str) -> None:
    assert {room(name) for name in imports(module) if is_own(name)} <= {"protocol", "errors"}


def test_no_imports_go_round_in_a_circle() -> None:
    graph = {
        module: {name for name in imports(module, at_run_time=True) if name in MODULES} for module in MODULES
    }
    circle = []
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
    assert not circle


def test_importing_rtlab_loads_nothing_that_only_a_notebook_needs() -> None:
    code = f"import rtlab, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert run.stdout.strip() == "[]"
