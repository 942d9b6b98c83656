"""Which applications there are, by their names."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterable

from rtlab.apps.app import App
from rtlab.apps.chat import Chat
from rtlab.apps.dashboard import Dashboard
from rtlab.apps.devices.source import Devices
from rtlab.apps.game import Game
from rtlab.apps.market import Market
from rtlab.apps.scores import Scores
from rtlab.apps.text import Text
from rtlab.errors import BadInput

APPS: dict[str, Callable[[], App]] = {
    "chat": Chat,
    "dashboard": Dashboard,
    "market": Market,
    "scores": Scores,
    "devices": Devices,
    "text": Text,
    "game": Game,
}


def find(name: str) -> Callable[[], App]:
    """What makes an application: one of ours by its name, one of yours as `module:Class`. Raises BadInput."""
    if name in APPS:
        return APPS[name]
    module, _, attribute = name.partition(":")
    if not attribute:
        raise BadInput(
            f"{name!r} is not an application: there are {', '.join(APPS)}, and yours as module:Class"
        )
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # where yours is, for the command line does not look there by itself
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BadInput(f"there is no application {name!r}: {error}") from None
    if not (isinstance(found, type) and issubclass(found, App)):
        raise BadInput(f"{name} is not an application: make it a subclass of rtlab.apps.app.App")
    return found


def make(names: Iterable[str]) -> list[App]:
    """The applications of those names, made anew; `all` stands for all of ours."""
    wanted = [each for name in names for each in (APPS if name == "all" else [name])]
    return [find(name)() for name in dict.fromkeys(wanted)]
