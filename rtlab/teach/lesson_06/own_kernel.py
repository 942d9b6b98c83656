"""The WebSocket of this very notebook: where its Jupyter server offers the kernel's messages.

A browser shows the notebook, a kernel runs its cells, and between them stands a Jupyter server, which holds a
WebSocket for each open notebook. `kernel_socket()` says where, so that a lesson can open one more by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from rtlab.teach.lesson_06.brief_server import brief_server

ASK_SECONDS = 10.0  # that a Jupyter server may take to answer


@dataclass(frozen=True)
class KernelSocket:
    """Where a kernel's WebSocket is.

    `host` is the server's name and port, `resource` what to GET from it. The header `Authorization: token TOKEN`
    opens it: `token` is a secret. `own` says whether it is the kernel that this code runs in.
    """

    host: str
    resource: str
    token: str = field(repr=False)
    own: bool

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, to connect to."""
        parts = urlsplit(f"//{self.host}")
        return parts.hostname or "", parts.port or 80


@contextmanager
def kernel_socket() -> Iterator[KernelSocket]:
    """Find the WebSocket of the kernel that this code runs in; for as long as the block lasts.

    A kernel that no Jupyter server of this user offers, over plain HTTP and for a token (a notebook that runs
    unattended, or in another editor), has none: then a server and a kernel are started for the block, and stopped
    at its end. Raises `RtlabError` when that server does not start.
    """
    if (found := _own()) is not None:
        yield found
        return
    with brief_server() as server:
        kernel = _ask("POST", server["url"], "api/kernels", server["token"]).json()["id"]
        yield _socket(server, kernel, own=False)


def _own() -> KernelSocket | None:
    """Return the socket of this kernel, if one of the servers that run has it."""
    kernel = _kernel_id()
    if kernel is None:
        return None
    for server in _servers():
        with suppress(requests.RequestException):  # it may have stopped without removing its file
            answer = _ask("GET", server["url"], f"api/kernels/{kernel}", server["token"])
            if answer.status_code == 200:
                return _socket(server, kernel, own=True)
    return None


def _servers() -> Iterator[dict[str, Any]]:
    """Read what the Jupyter servers of this user say of themselves.

    As `jupyter_server.serverapp.list_running_servers` does, whose import takes seconds.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        with suppress(OSError, ValueError):  # it is just being written, or removed
            server = json.loads(path.read_text(encoding="utf-8"))
            # Not https, nor a Unix socket, nor a server that lets everybody in, or nobody without a login.
            if server["url"].startswith("http://") and server["token"]:
                yield server


def _kernel_id() -> str | None:
    """Return the id that a Jupyter server would know this process by: it is in the name of its connection file."""
    if "ipykernel" not in sys.modules:
        return None
    from ipykernel.connect import get_connection_file

    try:
        found = re.fullmatch(r"kernel-(.+)\.json", Path(get_connection_file()).name)
    except RuntimeError:  # not a kernel
        return None
    return found[1] if found else None


def _ask(method: str, url: str, path: str, token: str) -> requests.Response:
    """Ask a Jupyter server, past any proxy."""
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"token {token}"}
        return session.request(
            method, url + path, headers=headers, timeout=ASK_SECONDS, allow_redirects=False
        )


def _socket(server: dict[str, Any], kernel: str, *, own: bool) -> KernelSocket:
    parts = urlsplit(server["url"])
    # The session names this connection: a second one with the same id would replace it.
    resource = f"{parts.path}api/kernels/{kernel}/channels?session_id={uuid4().hex}"
    return KernelSocket(parts.netloc, resource, server["token"], own)
