"""Make a workload trace of something real: watch a counter of this machine and note each time it grows.

A trace is a CSV file of two columns, `time` (seconds since the recording began) and `size` (how much the
counter grew), with comment lines before them that say what was recorded. `rtlab.measure.workload.from_csv`
reads it back. The trace that comes with rtlab, `traces/notebook.csv`, was made by `record`: the bytes on the
loopback interface while JupyterLab, open in a browser, ran a notebook.
"""

import time
from collections.abc import Callable
from pathlib import Path

import psutil

from rtlab.errors import BadInput
from rtlab.measure.bounds import positive

Counter = Callable[[], int]


def loopback_bytes() -> int:
    """Return the bytes that have crossed the loopback interface since the machine started."""
    interfaces = psutil.net_io_counters(pernic=True)
    for name in ("lo", "lo0", "Loopback Pseudo-Interface 1"):
        if name in interfaces:
            return interfaces[name].bytes_sent
    raise BadInput(f"no loopback interface among {', '.join(sorted(interfaces))}: record another counter")


def disk_bytes() -> int:
    """Return the bytes that all disks together have written since the machine started."""
    disks = psutil.disk_io_counters()
    if disks is None:
        raise BadInput("this machine shows no disk counters: record another counter")
    return disks.write_bytes


def record(
    path: str | Path,
    about: str,
    counter: Counter = loopback_bytes,
    seconds: float = 60.0,
    every: float = 0.005,
) -> int:
    """Watch `counter` for some seconds, write the trace to `path`, and return how many events it has.

    The counter is read once every `every` seconds; growth between two readings is one event, so that is how
    finely two events are told apart. `about` says in a sentence what was going on; it is written above the rows.
    """
    positive(seconds=seconds, every=every)
    rows: list[tuple[float, int]] = []
    start, seen = time.monotonic(), counter()
    readings = 0
    while (now := time.monotonic() - start) < seconds:
        value = counter()
        if value > seen:
            rows.append((now, value - seen))
        seen = value
        readings += 1
        time.sleep(
            max(0.0, start + readings * every - time.monotonic())
        )  # by the clock, so that no lag adds up
    with open(path, "w", encoding="ascii") as file:
        file.write(f"# {about}\n# read every {every} s\n# duration: {seconds}\ntime,size\n")
        file.writelines(f"{moment:.4f},{size}\n" for moment, size in rows)
    return len(rows)
