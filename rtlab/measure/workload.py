"""When events happen, and how big they are: the same seeded arrivals for simulation and for measurement.

A workload is data, not a process: all its times are known before anything runs, so a simulation, a measurement
and a repetition of either see exactly the same events. Random numbers come from `Generator.random` alone and
are turned into exponential waits by −ln(1 − U): that stream is the same with every version of numpy.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rtlab.errors import BadInput
from rtlab.measure.bounds import fraction, not_negative, positive

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
DAY = 86_400.0  # seconds
TRACES = Path(__file__).parent / "traces"


@dataclass(frozen=True, eq=False)
class Workload:
    """The events of one channel during one run.

    `times` are seconds from the start, ascending, from 0 up to `duration`; `sizes` are bytes of data, one for
    each event; `rate` is the mean number of events per second that was asked for (of a trace: that it has).
    Both arrays are read-only. Raises BadInput if they do not fit together.
    """

    name: str
    times: Floats
    sizes: Ints
    rate: float
    duration: float

    def __post_init__(self) -> None:
        positive(rate=self.rate, duration=self.duration)
        if len(self.times) != len(self.sizes):
            raise BadInput(
                f"{len(self.times)} times and {len(self.sizes)} sizes: give one size for each time"
            )
        if not np.isfinite(self.times).all() or np.any(np.diff(self.times) < 0):
            raise BadInput("times must be finite numbers of seconds in ascending order")
        if len(self.times) and (self.times[0] < 0 or self.times[-1] > self.duration):
            raise BadInput(f"times must lie from 0 to the duration of {self.duration} s")
        if np.any(self.sizes < 0):
            raise BadInput("sizes must be 0 bytes or more")
        self.times.setflags(write=False)
        self.sizes.setflags(write=False)

    def __len__(self) -> int:
        return len(self.times)


def steady(
    rate: float, duration: float, phase: float | None = None, *, seed: int = 0, size: int = 100
) -> Workload:
    """Events at equal distances of 1/rate, the first one `phase` of a distance (0 to 1) after the start.

    Without `phase` it is drawn from the seed: with polling at a fixed interval everything depends on it.
    """
    _check(rate, duration, size)
    if phase is None:
        phase = float(np.random.default_rng(seed).random())
    fraction(phase=phase)
    times = (phase + np.arange(math.ceil(rate * duration - phase))) / rate
    return _workload("steady", times[times < duration], size, rate, duration)


def poisson(rate: float, duration: float, *, seed: int = 0, size: int = 100) -> Workload:
    """Events that know nothing of each other: the waits between them are exponential, of mean 1/rate."""
    _check(rate, duration, size)
    times = _arrivals(np.random.default_rng(seed), rate, duration)
    return _workload("poisson", times, size, rate, duration)


def bursty(
    rate: float,
    duration: float,
    *,
    branching: float = 0.8,
    decay: float = 1.0,
    seed: int = 0,
    size: int = 100,
) -> Workload:
    """Events that bring on more events, as in a match or when a market opens (Hawkes 1971, exponential kernel).

    The intensity is μ + Σ n β e^(−β (t − tᵢ)) over the events tᵢ so far: each one has n = `branching` direct
    followers on average (0 ≤ n < 1) within about 1/β seconds, β = `decay`. With μ = rate (1 − n) the mean is
    `rate`. It starts from its mean excitement, so that no warm-up is needed. Drawn by thinning (Ogata 1981):
    between events the intensity only falls, so its value now is a bound until the next event.
    """
    _check(rate, duration, size)
    fraction(branching=branching)
    positive(decay=decay)
    uniform = uniform_numbers(np.random.default_rng(seed))
    background, excitement = rate * (1 - branching), rate * branching
    time = 0.0
    times: list[float] = []
    while True:
        bound = background + excitement
        wait = -math.log1p(-next(uniform)) / bound
        time += wait
        if time >= duration:
            return _workload("bursty", np.array(times), size, rate, duration)
        excitement *= math.exp(-decay * wait)
        if next(uniform) * bound < background + excitement:
            times.append(time)
            excitement += branching * decay


def day_night(
    rate: float,
    duration: float,
    *,
    depth: float = 0.9,
    period: float = DAY,
    seed: int = 0,
    size: int = 100,
) -> Workload:
    """Poisson events whose rate follows the hours: rate (1 − depth cos(2π t / period)), low first, then high.

    `rate` is the mean over whole periods and `depth` (0 to 1) says how quiet the night is. Drawn by thinning:
    events at the highest rate, each kept with the probability that the rate of its hour gives it.
    """
    _check(rate, duration, size)
    positive(period=period)
    if not 0 <= depth <= 1:
        raise BadInput(f"depth must be a number from 0 to 1, not {depth!r}")
    rng = np.random.default_rng(seed)
    times = _arrivals(rng, rate * (1 + depth), duration)
    kept = rng.random(len(times)) * (1 + depth) < 1 - depth * np.cos(2 * np.pi * times / period)
    return _workload("day and night", times[kept], size, rate, duration)


def at_times(times: Iterable[float], duration: float, *, size: int = 100) -> Workload:
    """Events at the moments given, in seconds: for a picture whose events are put where one wants them."""
    positive(duration=duration)
    not_negative(size=size)
    moments = np.sort(np.array(list(times), dtype=np.float64))
    return _workload("by hand", moments, size, max(1, len(moments)) / duration, duration)


def from_csv(path: str | Path, *, rate: float | None = None) -> Workload:
    """Read a recorded trace: a CSV of `time` (seconds) and `size` (bytes) below comment lines that begin with #.

    A comment `# duration: SECONDS` says how long was recorded; without it the trace ends one mean distance
    after its last event. With `rate` the time axis is stretched to that many events per second, which keeps the
    pattern. Raises BadInput with the number of the line that cannot be read.
    """
    times, sizes, duration = _rows(Path(path))
    if duration is None:
        duration = float(times.max() + np.ptp(times) / max(1, len(times) - 1))
    positive(duration=duration)
    stretch = 1.0
    if rate is not None:
        positive(rate=rate)
        stretch = len(times) / duration / rate
    duration *= stretch
    return Workload(Path(path).stem, times * stretch, sizes, len(times) / duration, duration)


def _rows(path: Path) -> tuple[Floats, Ints, float | None]:
    """Return the two columns of a trace, and its duration where a comment says it."""
    rows: list[tuple[float, int]] = []
    duration: float | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        try:
            if line.startswith("# duration:"):
                duration = float(line.partition(":")[2])
            elif line and not line.startswith("#") and line != "time,size":
                time, size = line.split(",")
                rows.append((float(time), int(size)))
        except ValueError:
            wanted = "time,size as in 0.25,1182 (seconds, whole bytes)"
            raise BadInput(f"{path.name}, line {number}: {line[:60]!r} is not {wanted}") from None
    if not rows:
        raise BadInput(f"{path.name} has no events: it needs lines of time,size")
    times, sizes = zip(*rows, strict=True)
    return np.array(times), np.array(sizes, dtype=np.int64), duration


def recorded(name: str = "notebook", *, rate: float | None = None) -> Workload:
    """Return a trace that comes with rtlab; its comment lines say what it is."""
    known = sorted(path.stem for path in TRACES.glob("*.csv"))
    if name not in known:
        raise BadInput(f"there is no trace {name!r}; there is {', '.join(known)}")
    return from_csv(TRACES / f"{name}.csv", rate=rate)


def excerpt(trace: Workload, seconds: float, *, seed: int = 0) -> Workload:
    """Return `seconds` of a trace, begun at a moment that follows from the seed; behind its end it starts anew."""
    positive(seconds=seconds)
    begin = float(np.random.default_rng(seed).random()) * trace.duration
    shifted = (trace.times - begin) % trace.duration
    order = np.argsort(shifted, kind="stable")
    rounds = np.arange(math.ceil(seconds / trace.duration)) * trace.duration
    times = (rounds[:, None] + shifted[order]).ravel()
    sizes = np.tile(trace.sizes[order], len(rounds))
    return Workload(trace.name, times[times < seconds], sizes[times < seconds], trace.rate, seconds)


def uniform_numbers(rng: np.random.Generator) -> Iterator[float]:
    """Yield numbers from 0 up to 1 one at a time, drawn a block at a time: for loops that cannot know how many."""
    while True:
        yield from rng.random(4096).tolist()


def _arrivals(rng: np.random.Generator, rate: float, duration: float) -> Floats:
    """Return the times of a Poisson process: sums of exponential waits."""
    block = math.ceil(rate * duration + 5 * math.sqrt(rate * duration) + 10)  # nearly always enough
    times = np.cumsum(-np.log1p(-rng.random(block)) / rate)
    while times[-1] < duration:
        more = np.cumsum(-np.log1p(-rng.random(block)) / rate)
        times = np.concatenate([times, times[-1] + more])
    return times[times < duration]


def _check(rate: float, duration: float, size: int) -> None:
    """Raise BadInput unless these can make a workload."""
    positive(rate=rate, duration=duration)
    not_negative(size=size)


def _workload(
    name: str, times: npt.NDArray[np.floating], size: int, rate: float, duration: float
) -> Workload:
    """Return the workload of these times, each event of the same size."""
    return Workload(
        name,
        times.astype(np.float64),
        np.full(len(times), size, dtype=np.int64),
        float(rate),
        float(duration),
    )
