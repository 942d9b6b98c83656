"""The devices' processes: one for each technique, so that what a process costs is what the technique costs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType

from rtlab.apps.devices.catalogue import Device
from rtlab.technique import TECHNIQUES

END_SECONDS = 2.0  # that the processes have to end in, before they are killed


class Fleet:
    """Processes with these devices, from construction until `close()`; they end with this process as well.

    `url`: the server's. `after(device)`: the cursor from which a device listens. `interval`: seconds, of polling.
    """

    def __init__(
        self,
        url: str,
        devices: Iterable[Device],
        after: Callable[[Device], str] = lambda _: "now",
        interval: float = 2.0,
    ) -> None:
        self._process_of: dict[str, subprocess.Popen[str]] = {}
        self.processes: list[subprocess.Popen[str]] = []
        known = list(devices)
        for technique in TECHNIQUES:
            if some := [device for device in known if device.technique == technique]:
                rows = [[d.name, d.kind, d.technique, after(d)] for d in some]
                process = self._start({"url": url, "interval": interval, "devices": rows})
                self._process_of |= {device.name: process for device in some}

    def _start(self, asked: object) -> subprocess.Popen[str]:
        # A session of its own: an interrupt of the kernel or at the terminal is not meant for the devices.
        process = subprocess.Popen(
            [sys.executable, "-m", "rtlab.apps.devices"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        _tell(process, asked)
        return process

    def on_air(self, device: str, on: bool) -> None:
        """Switch a device's radio; a device whose process is gone is off the air anyway."""
        _tell(self._process_of[device], [device, on])

    def close(self) -> None:
        """End all processes, within 2 s; safe to call again."""
        for process in self.processes:
            if process.stdin is not None:
                with suppress(BrokenPipeError):
                    process.stdin.close()
        deadline = time.monotonic() + END_SECONDS
        for process in self.processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> Fleet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _tell(process: subprocess.Popen[str], words: object) -> None:
    with suppress(OSError):
        print(json.dumps(words), file=process.stdin, flush=True)
