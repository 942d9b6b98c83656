"""Limits as options of the command line: `body_bytes` is `--body-bytes`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

PEM = click.Path(path_type=Path, dir_okay=False)  # a file of certificates or keys


def limit_options(limits: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each limit of a dataclass, whose fields say what they are for."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for limit in reversed(fields(limits)):
            name, kind = limit.name.replace("_", "-"), type(limit.default)
            text = f"{limit.metadata['help'].capitalize()}."
            option = click.option(f"--{name}", type=kind, default=limit.default, show_default=True, help=text)
            command = option(command)
        return command

    return add
