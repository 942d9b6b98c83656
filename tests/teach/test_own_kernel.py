"""The WebSocket of a notebook's own kernel: found where there is one, started and ended where there is none."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest
import requests
import websocket

from rtlab.errors import RtlabError
from rtlab.protocol.handshake import check_response, client_request, new_key
from rtlab.teach.lesson_06 import brief_server as brief
from rtlab.teach.lesson_06.brief_server import brief_server
from rtlab.teach.lesson_06.by_hand import read_answer
from rtlab.teach.lesson_06.own_kernel import KernelSocket, kernel_socket

WHOSE = """
import socket
from rtlab.protocol.handshake import client_request, new_key
from rtlab.teach.lesson_06.by_hand import read_answer
from rtlab.teach.lesson_06.own_kernel import kernel_socket

with kernel_socket() as it, socket.create_connection(it.address, timeout=20) as connection:
    token = [("Authorization", "token " + it.token)]
    connection.sendall(client_request(it.host, it.resource, new_key(), headers=token))
    head, _ = read_answer(connection)
print(it.own, it.resource.split("/")[3], head.split()[1])
"""


def wait_until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def shake(it: KernelSocket, key: str, token: str) -> tuple[int, list[tuple[str, str]]]:
    """The status and the headers that a handshake with this token is answered with."""
    with socket.create_connection(it.address, timeout=20) as connection:
        connection.sendall(
            client_request(it.host, it.resource, key, headers=[("Authorization", f"token {token}")])
        )
        head, _ = read_answer(connection)
    start, *lines = head.decode("latin-1").strip().split("\r\n")
    return int(start.split()[1]), [
        (name, value) for name, _, value in (line.partition(":") for line in lines)
    ]


def test_a_kernel_without_a_server_is_lent_one_that_is_gone_afterwards() -> None:
    with kernel_socket() as it:
        lent = psutil.Process().children(recursive=True)
        assert any("ipykernel_launcher" in process.cmdline() for process in lent)
        key = new_key()
        status, headers = shake(it, key, it.token)
        check_response(status, headers, key)
        assert shake(it, new_key(), "wrong")[0] == 403
        assert not it.own
        assert it.token not in repr(it)
        folder = lent[0].cmdline()[-1]
    wait_until(lambda: not any(process.is_running() for process in lent))
    assert not os.path.exists(folder)


def test_a_kernel_finds_the_server_that_it_belongs_to() -> None:
    with brief_server() as server:
        headers = {"Authorization": f"token {server['token']}"}
        kernel = requests.post(server["url"] + "api/kernels", headers=headers, timeout=20).json()["id"]
        channels = f"{server['url'].replace('http', 'ws', 1)}api/kernels/{kernel}/channels?session_id=test"
        page = websocket.create_connection(channels, timeout=30, header=headers, suppress_origin=True)
        try:
            page.send(json.dumps(execute_request(WHOSE)))
            printed = said = ""
            while said != "execute_reply":
                message = json.loads(page.recv())
                said = message["msg_type"]
                printed += str(message["content"].get("text", message["content"].get("evalue", "")))
        finally:
            page.close()
    assert printed.split() == ["True", kernel, "b'101'"]


def execute_request(code: str) -> dict[str, object]:
    """What a page sends to have a cell run (jupyter-client.readthedocs.io, "Messaging in Jupyter")."""
    header = {
        "msg_id": "1",
        "msg_type": "execute_request",
        "session": "test",
        "username": "",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    return {
        "channel": "shell",
        "header": {**header, "date": ""},
        "parent_header": {},
        "metadata": {},
        "content": content,
    }


def test_the_lent_server_does_not_outlive_a_program_that_is_killed() -> None:
    code = (
        "import time; from rtlab.teach.lesson_06.brief_server import brief_server\n"
        "with brief_server() as server:\n    print(server['url'], flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline().startswith("http://127.0.0.1:")
        (server,) = psutil.Process(program.pid).children()
        folder = server.cmdline()[-1]
        program.send_signal(signal.SIGKILL)
    wait_until(lambda: not server.is_running())
    assert not os.path.exists(folder)


def test_a_server_that_cannot_start_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief.sys, "executable", "false")
    with pytest.raises(RtlabError, match="rtlab doctor"), brief_server():
        pass
