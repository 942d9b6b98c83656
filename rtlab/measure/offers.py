"""What every technique would cost at one place: so many clients, such a rate and delay, one latency budget.

A technique whose interval is a free choice takes the longest that the budget allows, since whoever may be late should
be paid for it. Push may wait, too: *in batches* it writes once for all events of T seconds, with the T that the budget
allows. That is the fair rival of polling, whose T/2 of latency buys the same thing.

Events are Poisson. The closed forms are those of `models` and `cost`; the wait in the server's line is `queueing`'s:
a push to N clients is N writes, and the last one waits for all the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from rtlab.measure import cost, models, queueing
from rtlab.measure.bounds import not_negative, one_of, positive, whole
from rtlab.measure.cost import Heads
from rtlab.measure.models import Prediction
from rtlab.measure.unit_costs import Costs, Estimate, Pick, Prices
from rtlab.technique import TECHNIQUES

PUSHES = ("sse", "websocket")
CHEAPEST = ("cpu", "bytes", "money")
BACKOFF = (
    0.25,
    4.0,
    2.0,
)  # shortest and longest interval of adaptive polling as parts of its scale, and the factor


@dataclass(frozen=True)
class Place:
    """Where techniques are compared: `clients` of one channel of `rate` events a second, one-way `delay` in seconds.

    `budget` is how late an event may be, in seconds: on average, or with `promise` "worst" always. `hold` is a long
    poll's. `cores` are the server's; with None there are as many as it takes, and nobody waits in line.
    """

    rate: float
    clients: int
    delay: float
    budget: float
    promise: str = "mean"
    hold: float = 25.0
    cores: int | None = 1

    def __post_init__(self) -> None:
        positive(rate=self.rate, budget=self.budget, hold=self.hold)
        not_negative(delay=self.delay)
        whole(clients=self.clients)
        one_of(("mean", "worst"), promise=self.promise)
        if self.cores is not None:
            whole(cores=self.cores)

    def in_line(self, service: float, together: bool) -> float:
        """Return the seconds that the server itself adds to the latency that the budget counts.

        `together`: all clients are served at the same event, one after another; else their requests come evenly
        spaced and wait for nobody (D/D/1, as many clients with phases of their own nearly are).
        """
        if self.cores is None or not together:
            return service
        line = queueing.herd(self.clients, service, self.cores) if service else None
        return (
            0.0 if line is None else service + (line.mean_wait if self.promise == "mean" else line.max_wait)
        )

    def counted(self, prediction: Prediction) -> float:
        """Return the latency that the budget counts."""
        return prediction.mean_latency if self.promise == "mean" else prediction.max_latency


@dataclass(frozen=True)
class Offer:
    """What one technique costs at one place, all clients together.

    `interval` is the T it takes, in seconds (adaptive polling: the scale of its intervals); `batched` marks push that
    waits T. `latency` is what the budget counts, with the wait in line; `cpu` is in cores, `traffic` in bytes a second
    both ways, `memory` in bytes. `why_not` says why it is out of the contest; empty: it is in.
    """

    technique: str
    batched: bool
    interval: float | None
    prediction: Prediction
    latency: float
    cpu: Estimate
    traffic: Estimate
    memory: Estimate
    why_not: str = ""

    @property
    def key(self) -> str:
        """The technique, and whether in batches: `sse`, `sse in batches`."""
        return f"{self.technique} in batches" if self.batched else self.technique

    def price(self, cheapest: str, prices: Prices) -> Estimate:
        """Return what is compared: cores, bytes a second, or money a month."""
        one_of(CHEAPEST, cheapest=cheapest)
        if cheapest == "cpu":
            return self.cpu
        if cheapest == "bytes":
            return self.traffic
        return Estimate.of(lambda pick: prices.month(pick(self.cpu), pick(self.traffic), pick(self.memory)))


def offers(
    place: Place, costs: Costs, techniques: tuple[str, ...] = TECHNIQUES, *, batches: bool = True
) -> list[Offer]:
    """Return what each technique offers at `place`, push in batches too unless `batches` is False."""
    for technique in techniques:
        one_of(TECHNIQUES, technique=technique)
    makers: dict[str, Callable[[Place, Costs], Offer]] = {
        "short": _short,
        "adaptive": _adaptive,
        "long": _long,
        **{technique: partial(_push, technique) for technique in PUSHES},
    }
    made = [makers[technique](place, costs) for technique in techniques]
    if batches:
        made += [_batches(technique, place, costs) for technique in techniques if technique in PUSHES]
    return [_judged(offer, place) for offer in made]


def _short(place: Place, costs: Costs) -> Offer:
    """The longest interval that the budget allows: T/2 + d on average, T + d at worst."""
    line = place.in_line(costs.poll.value, together=False)
    interval = _longest(place, place.delay + line)
    prediction = models.short_polling(place.rate, max(interval, 2 * place.delay, 1e-6), place.delay)
    return _polling("short", place, costs, prediction, costs.poll, line, interval)


def _adaptive(place: Place, costs: Costs) -> Offer:
    """Back-off from a quarter of its scale to four times it, the scale as long as the budget allows."""
    line = place.in_line(costs.poll.value, together=False)
    scale = _longest_scale(place.rate, place.delay, place.budget - line, place.promise)
    prediction = _backoff(place.rate, scale, place.delay)
    return _polling("adaptive", place, costs, prediction, costs.poll, line, scale)


def _long(place: Place, costs: Costs) -> Offer:
    """A held request; where events are dense the gap between an answer and the next request makes batches of itself."""
    prediction = models.long_polling(place.rate, place.delay, place.hold)
    line = place.in_line(costs.held.value, together=True)
    return _polling("long", place, costs, prediction, costs.held, line, None)


def _polling(
    technique: str,
    place: Place,
    costs: Costs,
    prediction: Prediction,
    exchange: Estimate,
    line: float,
    interval: float | None,
) -> Offer:
    """Everything that asks is paid by the request, and for each event in an answer."""
    between = 1 / (
        place.rate * prediction.requests_per_event
    )  # seconds from one request of a client to the next

    def cpu(pick: Pick) -> float:
        return cost.polling_cpu(place.clients, between, place.rate, pick(exchange), pick(costs.item))

    def traffic(pick: Pick) -> float:
        heads = Heads(*(round(pick(each)) for each in (costs.request, costs.empty, costs.answer)))
        return place.rate * place.clients * cost.polling_bytes(prediction, heads, pick(costs.event))

    return Offer(
        technique,
        False,
        interval,
        prediction,
        place.counted(prediction) + line,
        Estimate.of(cpu),
        Estimate.of(traffic),
        _held(technique, place, costs),
    )


def _push(technique: str, place: Place, costs: Costs) -> Offer:
    """A write for each event and client, and heartbeats in silence."""
    line = place.in_line(costs.write(technique).value, together=True)
    return _pushed(technique, place, costs, models.push(place.rate, place.delay), line, 0.0)


def _batches(technique: str, place: Place, costs: Costs) -> Offer:
    """A write for all events of T seconds, T as long as the budget allows."""
    line = place.in_line(costs.write(technique).value, together=True)
    interval = _longest(place, place.delay + line)
    prediction = models.coalesced_push(place.rate, max(interval, 1e-9), place.delay)
    offer = _pushed(technique, place, costs, prediction, line, max(interval, 1e-9))
    if place.rate * interval < 1:
        words = f"T = {seconds(max(interval, 0))} brings fewer than one event on average: there is nothing to batch"
        return replace(offer, why_not=words)
    return offer


def _pushed(
    technique: str, place: Place, costs: Costs, prediction: Prediction, line: float, interval: float
) -> Offer:
    """A write has its first event within its price, so in a batch an item costs only from the second one on.

    Each client is charged for each item, as if its batch were made for it alone. A server whose clients all see the
    same makes one batch for all, as rtlab's does: then this is the most that batches cost.
    """
    write = costs.write(technique)
    overhead = costs.sse_overhead if technique == "sse" else costs.websocket_overhead
    # A sign of life is sent at every tick before which nothing was: e^(−λ · every) of them.
    beats = math.exp(-place.rate * costs.heartbeat_every) / costs.heartbeat_every

    def cpu(pick: Pick) -> float:
        item = min(pick(costs.item), pick(write)) if interval else 0.0
        pushed = cost.push_cpu(place.clients, place.rate, pick(write) - item, interval, item)
        return pushed + place.clients * beats * pick(write)

    def traffic(pick: Pick) -> float:
        apart = 1 / beats if beats else math.inf
        each = cost.push_bytes(place.rate, pick(costs.event), pick(overhead), pick(costs.heartbeat), apart)
        return place.rate * place.clients * each

    return Offer(
        technique,
        interval > 0,
        interval or None,
        prediction,
        place.counted(prediction) + line,
        Estimate.of(cpu),
        Estimate.of(traffic),
        _held(technique, place, costs),
    )


def _held(technique: str, place: Place, costs: Costs) -> Estimate:
    return Estimate.of(lambda pick: place.clients * pick(costs.memory(technique)))


def _longest(place: Place, least: float) -> float:
    """Return the longest T that the budget allows to one who is `least` late anyway: T/2 more, or T at worst."""
    slack = place.budget - least
    return 2 * slack if place.promise == "mean" else slack


def _backoff(rate: float, scale: float, delay: float) -> Prediction:
    shortest, longest, factor = BACKOFF
    return models.backoff_polling(rate, scale * shortest, scale * longest, factor, delay)


@lru_cache(maxsize=4096)  # the same for any number of clients
def _longest_scale(rate: float, delay: float, budget: float, promise: str) -> float:
    """Return the longest scale with which back-off meets the budget; a thousandth of a second where none does."""
    shortest, longest, _ = BACKOFF
    slack = max(budget - delay, 1e-3)
    if promise == "worst":
        return slack / longest
    low, high = slack / longest, 2 * slack / shortest  # all intervals the longest; all the shortest
    for _ in range(16):  # bisection: the latency rises with the scale
        middle = (low * high) ** 0.5
        fits = _backoff(rate, middle, delay).mean_latency <= budget
        low, high = (middle, high) if fits else (low, middle)
    return low


def _judged(offer: Offer, place: Place) -> Offer:
    """Say why an offer is out, if it is."""
    if offer.latency > place.budget * (1 + 1e-9):
        words = f"{seconds(offer.latency)} late at best, and the budget is {place.budget:g} s"
        return replace(offer, why_not=words)
    if not offer.why_not and place.cores is not None and offer.cpu.value >= place.cores:
        full = f"work for {offer.cpu.value:,.3g} cores, and the server has {place.cores}"
        return replace(offer, why_not=full)
    return offer


def seconds(value: float) -> str:
    """Write a time as people do: 0.04 s, 1,200 s."""
    return f"{value:,.0f} s" if value >= 100 else f"{value:.3g} s"
