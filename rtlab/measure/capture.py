"""The tap's counts beside a packet capture: tshark sees every TCP segment on the loopback, and says how long it is."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rtlab.clients import AdaptivePolling, LongPolling, ServerSentEvents, ShortPolling, WebSocket, publish
from rtlab.clients.pace import Backoff
from rtlab.clients.reader import Reader
from rtlab.errors import RtlabError
from rtlab.server.thread import ServerThread
from rtlab.wire.process import TapProcess

PATIENCE = 15.0  # seconds
QUIET = 0.6  # seconds after the last event, and before the capture ends: everything has been seen
SIZES = (1, 100, 5_000, 100_000)  # bytes of data of the events
EVENTS = 20
PAUSE = 0.1  # seconds between two events
LOOPBACK = "lo"


@dataclass(frozen=True)
class Payload:
    """Bytes of the TCP streams up to and down from a port; `again`: those that TCP sent once more."""

    up: int
    down: int
    again: int


@dataclass(frozen=True)
class Bytes:
    """What one technique sent, as the tap counted it and as TCP carried it: payload, without any header below."""

    technique: str
    tap_up: int
    tap_down: int
    captured: Payload

    @property
    def is_same(self) -> bool:
        """Whether they agree to the byte."""
        return (self.tap_up, self.tap_down) == (self.captured.up, self.captured.down)


def compare_bytes() -> Iterator[Bytes]:
    """Let every technique read the same events through a tap, with the wire being captured.

    Raises RtlabError where there is no tshark, or where it may not capture.
    """
    if shutil.which("tshark") is None:
        raise RtlabError(
            "tshark is not installed: get it (Debian: apt-get install tshark), or leave this one out"
        )
    server = ServerThread()
    try:
        for technique in ("short", "adaptive", "long", "sse", "websocket"):
            yield _compare(server, technique)
    finally:
        server.close()


def _compare(server: ServerThread, technique: str) -> Bytes:
    port = int(server.url.rpartition(":")[2])
    with TapProcess(("127.0.0.1", port), delay=0.01) as tap:
        number = tap.address[1]
        with _capture(number) as lines:
            channel = f"/channels/{technique}"
            with _reader(technique, f"http://127.0.0.1:{number}{channel}") as reader:
                publishing = threading.Thread(target=_publish, args=(server.url + channel,))
                publishing.start()
                arrived = len(list(reader.events(limit=EVENTS, timeout=PATIENCE)))
                publishing.join()
                time.sleep(QUIET)
            time.sleep(QUIET)
        if arrived != EVENTS:
            raise RtlabError(
                f"{arrived} of {EVENTS} events arrived by {technique}: try again on a quieter machine"
            )
        return Bytes(technique, tap.counts.up, tap.counts.down, payload(lines, number))


def _publish(url: str) -> None:
    for event in range(EVENTS):
        publish(url, "x" * SIZES[event % len(SIZES)])
        time.sleep(PAUSE)


def _reader(technique: str, url: str) -> Reader:
    match technique:
        case "short":
            return ShortPolling(url, interval=0.3)
        case "adaptive":
            return AdaptivePolling(url, pace=Backoff(0.1, 0.4, 2.0))
        case "long":
            return LongPolling(url)
        case "sse":
            return ServerSentEvents(url)
    return WebSocket(url)


@contextlib.contextmanager
def _capture(port: int) -> Iterator[list[str]]:
    """Capture what comes from or goes to a port; the lines are there when the block is over."""
    command = ["tshark", "-n", "-l", "-i", LOOPBACK, "-f", f"tcp port {port}", "-T", "fields"]
    command += ["-e", "tcp.stream", "-e", "tcp.srcport", "-e", "tcp.seq", "-e", "tcp.len"]
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            _await_start(process)
            yield lines
        finally:
            process.terminate()
            out, _ = process.communicate(timeout=PATIENCE)
            lines += out.splitlines()


def _await_start(process: subprocess.Popen[str]) -> None:
    """Wait until it captures. Raises RtlabError with what it said if it does not."""
    said = []
    for line in process.stderr or ():
        said.append(line.strip())
        if line.startswith("Capturing on"):
            time.sleep(QUIET)  # it says so a moment before it is true
            return
    raise RtlabError(
        f"tshark cannot capture ({' '.join(said)[:300]}): run it as root, or give dumpcap the right to capture"
    )


def payload(lines: Iterable[str], port: int) -> Payload:
    """Sum up a capture's lines of stream, source port, sequence number and length.

    TCP sends a segment again that seems lost, also where it only was acknowledged late: it is the same bytes
    (RFC 9293 §3.8.1), so a stream is as long as the sequence numbers that were seen.
    """
    parts: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for line in lines:
        stream, source, first, length = map(int, line.split())
        parts.setdefault((stream, source), []).append((first, first + length))
    totals, sent = {True: 0, False: 0}, 0
    for (_, source), segments in parts.items():
        behind = 0
        for first, end in sorted(segments):
            totals[source == port] += max(0, end - max(first, behind))
            behind = max(behind, end)
            sent += end - first
    return Payload(totals[False], totals[True], sent - sum(totals.values()))
