"""The machine that a figure comes from: what it is, and whether it was busy with something else."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil


def describe() -> dict[str, Any]:
    """Return what a reader of a figure should know of this machine."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": processor(),
        "cores": len(cores()),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
    }


def processor() -> str:
    """Return the processor's name, as far as the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def cores() -> list[int]:
    """Return the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pin(pid: int | None, cores: Sequence[int]) -> None:
    """Let a process run on these cores only, where the system allows that."""
    with contextlib.suppress(AttributeError, psutil.Error, OSError):
        psutil.Process(pid).cpu_affinity(list(cores))


def cpu_seconds(pid: int | None) -> float:
    """CPU seconds of a process so far; 0 once it is gone."""
    with contextlib.suppress(psutil.Error):
        return float(sum(psutil.Process(pid).cpu_times()[:2]))
    return 0.0


@dataclass(frozen=True)
class Moment:
    """CPU seconds of the whole machine since it started: all, those at work, those that a host took away."""

    all: float
    busy: float
    stolen: float


def moment() -> Moment:
    """Look at the machine's counters now."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    stolen = getattr(times, "steal", 0.0)
    everything = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return Moment(everything, everything - idle - stolen, stolen)


@dataclass(frozen=True)
class Between:
    """What the machine did between two moments, as shares of all its cores: at work, stolen, and on something else."""

    busy: float
    stolen: float
    others: float


def between(before: Moment, after: Moment, ours: float) -> Between:
    """Compare two moments; `ours` are the CPU seconds of our own processes in between."""
    all_seconds = max(1e-9, after.all - before.all)
    busy = after.busy - before.busy
    return Between(
        busy / all_seconds,
        (after.stolen - before.stolen) / all_seconds,
        max(0.0, busy - ours) / all_seconds,
    )
