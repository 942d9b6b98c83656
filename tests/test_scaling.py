"""The files of docs/scaling.md are real: nginx takes them, and every technique goes through it to two servers."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from rtlab import AdaptivePolling, LongPolling, ServerSentEvents, ShortPolling, WebSocket
from rtlab.brokers import open_broker
from rtlab.brokers.embedded import free_port
from rtlab.clients import Publisher
from rtlab.server.thread import ServerThread

FOLDER = Path(__file__).parents[1] / "docs/scaling"


@contextlib.contextmanager
def nginx(folder: Path, *ports: int) -> Iterator[str]:
    """An nginx with the configuration of the docs, other addresses in it; its URL."""
    port, text = free_port(), (FOLDER / "nginx.conf").read_text()
    for address, upstream in zip(re.findall(r"server (10\.\S+)", text), ports, strict=True):
        text = text.replace(address, f"127.0.0.1:{upstream}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/run/", f"{folder}/")
    text = text.replace("http {", "http {\n" + _own_places(folder), 1)
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]
    subprocess.run([*command, "-t"], check=True, capture_output=True, timeout=10)
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        _until_open(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _own_places(folder: Path) -> str:
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{name}_temp_path {folder}/{name};" for name in names) + "access_log off;"


def _until_open(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


if shutil.which("nginx"):  # Debian: apt-get install nginx-light

    def test_every_technique_goes_through_nginx_and_on_when_a_server_stops(
        redis: Any, tmp_path: Path
    ) -> None:
        servers = [ServerThread(broker=open_broker(redis.address)) for _ in range(2)]
        with contextlib.ExitStack() as stack:
            for server in servers:
                stack.callback(server.close)
            url = stack.enter_context(nginx(tmp_path, *(server.server.port for server in servers)))
            channel = f"{url}/channels/nginx-{free_port()}"
            readers = [
                stack.enter_context(kind(channel, after="start", **options))
                for kind, options in (
                    (ShortPolling, {"interval": 0.1}),
                    (AdaptivePolling, {}),
                    (LongPolling, {}),
                    (ServerSentEvents, {}),
                    (WebSocket, {}),
                )
                for _ in range(2)
            ]
            publisher = stack.enter_context(Publisher(channel))
            ids = [publisher.publish(n, f"key-{n}") for n in range(5)]
            for reader in readers:
                assert [event.id for event in reader.events(limit=5, timeout=20)] == ids
            servers[0].close()
            ids = [publisher.publish(n, f"key-{n}") for n in range(5, 10)]
            for reader in readers:
                assert [event.id for event in reader.events(limit=5, timeout=20)] == ids


def test_the_compose_file_names_real_options() -> None:
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    assert set(services) == {"redis", "rtlab", "nginx"}
    command = services["rtlab"]["command"]
    assert "--broker redis://redis:6379" in command
    from rtlab.cli import serve

    known = {option for parameter in serve.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", command.partition("rtlab serve")[2])) <= known


def test_both_nginx_files_say_the_same_but_for_the_addresses() -> None:
    def lines(name: str) -> set[str]:
        text = re.sub(r"\s*#.*", "", (FOLDER / name).read_text())
        return {
            line.strip()
            for line in text.splitlines()
            if line.strip() and not re.search(r"^\s*(server .*;|server_name|proxy_set_header Host)", line)
        }

    assert lines("nginx.conf") == lines("nginx-compose.conf")
