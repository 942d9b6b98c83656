"""Open JupyterLab on the first lesson, with this environment's kernel and no other's."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rtlab.errors import BadInput, Missing

FIRST_LESSON = "00_start_here.ipynb"


def open_lab(notebooks: Path, arguments: Sequence[str] = ()) -> int:
    """Run JupyterLab on the first lesson of the folder `notebooks` until it is stopped; then returns 0.

    `arguments` go to JupyterLab, after ours. Its address is printed; a browser opens where there is one; when
    the port is taken, Jupyter tries the next. It runs in this process, so that Ctrl-C and signals reach it.
    Raises `BadInput` when the folder has no first lesson, `Missing` without JupyterLab.
    """
    lesson = notebooks.resolve() / FIRST_LESSON
    if not lesson.is_file():
        raise BadInput(f"{notebooks} has no {FIRST_LESSON}: give the folder notebooks of a checkout of rtlab")
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        raise Missing("JupyterLab", "lab") from None
    os.environ.update(_environment())
    server = LabApp.initialize_server(argv=[*_arguments(lesson), *arguments])
    print("Opening the lessons in JupyterLab; Ctrl-C here ends it.", flush=True)
    if not server.identity_provider.token_generated:
        # Jupyter prints the address only together with a token of its own making.
        print(server.display_url, flush=True)
    server.start()
    return 0


def _environment() -> dict[str, str]:
    """What makes the kernel `python3`, and a `!command` in a cell, those of this environment.

    JUPYTER_PATH is searched before all other places, so a `python3` that another environment left in the
    user's folder, or that JUPYTER_PATH names already, comes second.
    """

    def first(place: Path, name: str) -> str:
        return os.pathsep.join(filter(None, [str(place), os.environ.get(name)]))

    return {
        "JUPYTER_PATH": first(Path(sys.prefix, "share", "jupyter"), "JUPYTER_PATH"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": first(Path(sys.executable).parent, "PATH"),
    }


def _arguments(lesson: Path) -> list[str]:
    """JupyterLab's command line: the checkout as its root, so that the lessons can link to the source."""
    root = lesson.parent.parent
    arguments = [
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{lesson.parent.name}/{lesson.name}",
        # Its own list of open tabs: not those of the user's other projects.
        f"--LabApp.workspaces_dir={root / '.jupyter' / 'workspaces'}",
        # Nothing to answer or to look up before the lesson begins: it may run without a network.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--log-level=WARN",
        "--LabApp.log_level=WARN",
    ]
    if not _has_display():
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")
    return arguments


def _has_display() -> bool:
    """Whether a browser could show itself; without one, Python would open a text browser in the terminal."""
    return sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
