"""`rtlab bench fuzz`: wrong bytes at every port for minutes, beside readers who must not notice.

A server with all applications and the push service, one more with TLS, and two taps before the first: one that
records, and what it recorded is read as HTTP and frames; one with middleboxes that understand HTTP. Threads send case
after case, each made from the seed and its number. The verdict: no process has died, none has written a traceback, a
probe was always answered, well-behaved readers have had every event once and in order, and all descriptors are free
again in the end.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from rtlab.errors import RtlabError
from rtlab.measure.bounds import positive, whole
from rtlab.measure.fuzz_cases import Case, make
from rtlab.measure.fuzz_stage import Stage
from rtlab.measure.fuzz_watch import Bystander, Publisher
from rtlab.tcp import reset_on_close

ANSWER_SECONDS = 15.0  # that a probe may take
PROBE_SECONDS = 0.5  # between two probes
CALM_SECONDS = 20.0  # until all must be as before, when nothing more is sent
REMEMBERED = 2  # cases of each thread that are told with a fault: one of them did it
CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """For how long, with which seed, from how many threads; or `only` the case of that number."""

    seconds: float = 300.0
    seed: int = 0
    threads: int = 8
    only: int | None = None

    def __post_init__(self) -> None:
        positive(seconds=self.seconds)
        whole(threads=self.threads)


@dataclass
class Outcome:
    """What was sent, by kind and by port; what readers had; sentences for what must not be."""

    plan: Plan
    kinds: Counter[str] = field(default_factory=Counter)
    ports: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    answered: int = 0  # cases that something was said to
    events: int = 0  # that the well-behaved readers had
    complaints: Counter[str] = field(default_factory=Counter)  # lines of the log that have a name
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Gunner:
    """Sends cases, one after another, until told to end."""

    def __init__(self, stage: Stage, plan: Plan, numbers: Iterator[int], ended: threading.Event) -> None:
        self.stage, self.plan, self.numbers, self.ended = stage, plan, numbers, ended
        self.sent: list[Case] = []
        self.bytes = self.answered = 0
        self.last: deque[Case] = deque(maxlen=REMEMBERED)
        self._thread = threading.Thread(target=self._run, name="rtlab fuzz", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self.ended.is_set():
            if (number := next(self.numbers, None)) is None:
                return
            case = make(self.plan.seed, number)
            self.last.append(case)
            self.sent.append(Case(number, case.kind, case.port, (), 0, False))
            self.bytes += sum(map(len, case.pieces))
            with contextlib.suppress(OSError):  # it hangs up on us, as it may
                self.answered += self._send(case)

    def _send(self, case: Case) -> bool:
        sock = socket.create_connection(("127.0.0.1", self.stage.ports[case.port]), CONNECT_SECONDS)
        with contextlib.closing(sock):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if case.port == "tls":
                sock = _inside_tls(sock)
            with contextlib.closing(sock):
                for piece in case.pieces:
                    sock.sendall(piece)
                answered = _listen(sock, case.linger)
                if case.reset:
                    reset_on_close(sock)
                return answered

    def join(self) -> None:
        """Wait for the last case."""
        self._thread.join(CONNECT_SECONDS * 2)


def _inside_tls(sock: socket.socket) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(sock)


def _listen(sock: socket.socket, seconds: float) -> bool:
    """Read what comes for a while; whether anything did."""
    answered, until = False, time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            data = sock.recv(1 << 16)
        except TimeoutError:  # it has answered, or not, and keeps the connection
            break
        if not data:
            break
        answered = True
    return answered


def fuzz(plan: Plan, progress: Callable[[float], None] = lambda share: None) -> Outcome:
    """Send, and say what was left. Raises RtlabError only where nothing could be begun."""
    outcome, began = Outcome(plan), time.monotonic()
    with ExitStack() as things:
        stage = things.enter_context(Stage())
        publisher = things.enter_context(Publisher(stage))
        followers = [things.enter_context(Bystander(stage, port, by)) for port, by in stage.followed()]
        for follower in followers:
            follower.await_first(CALM_SECONDS)
        before = stage.files()
        ended = threading.Event()
        numbers = itertools.count() if plan.only is None else iter([plan.only])
        guarded = _Guarded(numbers)
        gunners = [Gunner(stage, plan, guarded, ended) for _ in range(plan.threads)]
        things.callback(ended.set)
        _watch(stage, gunners, plan, outcome, progress)
        ended.set()
        for gunner in gunners:
            gunner.join()
            outcome.kinds.update(case.kind for case in gunner.sent)
            outcome.ports.update(case.port for case in gunner.sent)
            outcome.bytes += gunner.bytes
            outcome.answered += gunner.answered
        publisher.stop()
        for follower in followers:
            outcome.faults += follower.judge(publisher.published, CALM_SECONDS)
            outcome.events += len(follower.seen)
        _settle(stage, before, outcome)
        _probe(stage, gunners, outcome)
        outcome.complaints = stage.complaints()
    outcome.seconds = time.monotonic() - began
    return outcome


class _Guarded(Iterator[int]):
    """Numbers for several threads."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers, self._lock = numbers, threading.Lock()

    def __next__(self) -> int:
        with self._lock:
            return next(self._numbers)


def _watch(
    stage: Stage, gunners: list[Gunner], plan: Plan, outcome: Outcome, progress: Callable[[float], None]
) -> None:
    """Probe until the time is over, or something is wrong."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < plan.seconds and not outcome.faults:
        _probe(stage, gunners, outcome)
        stage.read_record()
        progress(passed / plan.seconds)
        time.sleep(min(PROBE_SECONDS, plan.seconds))


def _probe(stage: Stage, gunners: list[Gunner], outcome: Outcome) -> None:
    """Ask each port whether it lives, and each log whether something was wrong."""
    told = stage.faults()
    for name in stage.probed:
        try:
            stage.ask(name, ANSWER_SECONDS)
        except (OSError, RtlabError) as error:
            told.append(f"the {name} did not answer a probe: {error}")
    for fault in told:
        last = sorted((case for gunner in gunners for case in gunner.last), key=lambda case: case.number)
        outcome.faults.append(f"{fault}\nthe last cases, of seed {outcome.plan.seed}:")
        outcome.faults[-1] += "".join(f"\n  {case}" for case in last)


def _settle(stage: Stage, before: dict[str, int], outcome: Outcome) -> None:
    """Wait until all descriptors are free again."""
    # A proxy that buffers keeps a stream's heartbeats too, so neither end learns that the other one has left.
    stage.boxes.cut()
    deadline = time.monotonic() + CALM_SECONDS
    while (now := stage.files()) and any(now[name] > before[name] for name in now):
        if time.monotonic() > deadline:
            outcome.faults.append(f"descriptors are not freed: {before} before, {now} afterwards")
            return
        time.sleep(0.1)
