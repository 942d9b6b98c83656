"""The chooser: requirements in; a technique, the reasons, and the figures of all the others out.

First what cannot do the job is ruled out, each with its why. Of those that are left the cheapest is chosen; one that is
simpler and hardly dearer is taken in its place. On a phone the radio is asked first. Nothing here is taste: change a
unit cost, a price or an assumption below, and another technique may come out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rtlab.measure import energy
from rtlab.measure.bounds import not_negative, one_of, positive, whole
from rtlab.measure.offers import PUSHES, Offer, Place, offers, seconds
from rtlab.measure.unit_costs import EXAMPLE, Costs, Estimate, Pick, Prices
from rtlab.technique import NAMES

DIRECTIONS = ("down", "both, rarely", "both, often")
INTERMEDIARIES = ("none", "buffering proxy", "strips Upgrade", "ends idle connections")
BATTERIES = ("mains", "phone")
UP = {
    "down": 0.0,
    "both, rarely": 1 / 600,
    "both, often": 5.0,
}  # messages a second that a client sends: assumed
NEAR = 1.1  # times the cheapest's cost up to which a simpler technique is preferred
SPARING = 1.25  # times the least energy up to which a technique is as easy on a phone
FRAME_UP = 8  # bytes of a frame's header to the server: RFC 6455 §5.2, 126 bytes or more, masked
NONE = "none"
PUSH = "push"
SAID = {**NAMES, PUSH: "a push service"}
SIMPLE = ("short", "long", "sse", "websocket", "sse in batches", "websocket in batches", "adaptive")
"""From simple to less so: plain answers, an answer that does not end, another protocol; then what needs a timer."""


@dataclass(frozen=True)
class Requirements:
    """What is wanted.

    `rate`: events a second that each client hears; `delay`: one-way, in seconds; `budget`: how late an event may be on
    average, in seconds; `closed_app`: must an app be reached while it is not running?
    """

    rate: float = 1.0
    clients: int = 1000
    delay: float = 0.04
    budget: float = 1.0
    direction: str = "down"
    intermediaries: str = "none"
    battery: str = "mains"
    closed_app: bool = False

    def __post_init__(self) -> None:
        positive(rate=self.rate, budget=self.budget)
        not_negative(delay=self.delay)
        whole(clients=self.clients)
        one_of(DIRECTIONS, direction=self.direction)
        one_of(INTERMEDIARIES, intermediaries=self.intermediaries)
        one_of(BATTERIES, battery=self.battery)


@dataclass(frozen=True)
class Option:
    """One technique under these requirements: figures of all clients together, and `why_not`, empty if it will do.

    `latency` is the mean, `worst` the latest, in seconds; NaN where nobody promises any. `bytes_per_event` and
    `requests_per_event` are those of one client, with what it sends. `cores` of server CPU, `memory` in bytes,
    `money` a month, `joules` an hour of a phone's radio (LTE, above sleep).
    """

    key: str
    interval: float | None
    latency: float
    worst: float
    requests_per_event: float
    bytes_per_event: float
    cores: Estimate
    memory: Estimate
    money: Estimate
    joules: float
    why_not: str = ""

    @property
    def technique(self) -> str:
        """The technique without `in batches`."""
        return self.key.partition(" ")[0]

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return SAID[self.technique] + self.key.removeprefix(self.technique)


@dataclass(frozen=True)
class Choice:
    """What was chosen and why. `options` has all techniques: the chosen one, those that would do, those ruled out."""

    requirements: Requirements
    key: str
    interval: float | None
    reasons: tuple[str, ...]
    options: tuple[Option, ...]

    @property
    def technique(self) -> str:
        """The technique, or `none`."""
        return self.key.partition(" ")[0]


def choose(wanted: Requirements, costs: Costs = EXAMPLE, prices: Prices | None = None) -> Choice:
    """Choose a technique. Servers are taken as many as needed; their number is in the figures, not in the latency."""
    paid = prices or Prices()
    place = Place(wanted.rate, wanted.clients, wanted.delay, wanted.budget, cores=None)
    options = [_option(offer, wanted, costs, paid) for offer in offers(place, costs)]
    options.append(_push_service(wanted, costs, paid))
    fit = [option for option in options if not option.why_not]
    if not fit:
        words = f"Nothing meets these requirements: {min(options, key=_lateness).why_not}."
        return Choice(wanted, NONE, None, (words,), tuple(options))
    best = _best(fit, wanted)
    fit.sort(key=lambda option: (option is not best, option.money.value))
    out = [option for option in options if option.why_not]
    return Choice(wanted, best.key, best.interval, _reasons(best, fit, wanted), (*fit, *out))


def _option(offer: Offer, wanted: Requirements, costs: Costs, prices: Prices) -> Option:
    """Add what the clients send, and rule out what the way there does not let through."""
    up = UP[wanted.direction] * wanted.clients  # messages a second

    def cpu(pick: Pick) -> float:
        # A frame that comes in is taken to cost what one that goes out does; elsewhere it takes a request of its own.
        each = pick(costs.websocket if offer.technique == "websocket" else costs.poll)
        return pick(offer.cpu) + up * each

    def traffic(pick: Pick) -> float:
        heads = pick(costs.request) + pick(costs.answer)
        return pick(offer.traffic) + up * (
            pick(costs.event) + (FRAME_UP if offer.technique == "websocket" else heads)
        )

    cores, sent = Estimate.of(cpu), Estimate.of(traffic)
    posts = 0.0 if offer.technique == "websocket" else UP[wanted.direction] / wanted.rate
    return Option(
        offer.key,
        offer.interval,
        offer.latency,
        offer.prediction.max_latency,
        offer.prediction.requests_per_event + posts,
        sent.value / (wanted.rate * wanted.clients),
        cores,
        offer.memory,
        Estimate.of(lambda pick: prices.month(pick(cores), pick(sent), pick(offer.memory))),
        _radio(offer, wanted, costs),
        _ruled_out(offer.technique, wanted) or offer.why_not,
    )


def _ruled_out(technique: str, wanted: Requirements) -> str:
    if wanted.closed_app:
        return "it reaches an app only while that is running"
    if technique == "websocket" and wanted.intermediaries == "strips Upgrade":
        return "the handshake does not get through: something on the way strips Upgrade"
    if technique == "sse" and wanted.intermediaries == "buffering proxy":
        return "a proxy on the way keeps the answer until it ends, and this one does not end"
    return ""


def _push_service(wanted: Requirements, costs: Costs, prices: Prices) -> Option:
    """A push service: one request of the server's for each event and client; no promise of a time."""
    events = wanted.rate * wanted.clients
    each = sum(cost.value for cost in (costs.request, costs.answer, costs.event))
    cores = Estimate.of(lambda pick: events * pick(costs.poll))
    nothing, sent = Estimate.exactly(0), events * each
    why_not = (
        ""
        if wanted.closed_app
        else "a service of somebody else's, with no promise of a time: not needed here"
    )
    if wanted.closed_app and wanted.direction == "both, often":
        why_not = "it goes one way, and to a closed app nobody has anything to send from"
    return Option(
        PUSH,
        None,
        math.nan,
        math.nan,
        1.0,
        each,
        cores,
        nothing,
        Estimate.of(lambda pick: prices.month(pick(cores), sent, 0.0)),
        energy.per_hour(3600 * wanted.rate, regular=False),
        why_not,
    )


def _radio(offer: Offer, wanted: Requirements, costs: Costs) -> float:
    """Return the joules an hour of a radio that wakes for every message down, or asked for."""
    rate, empty = wanted.rate, offer.prediction.empty_fraction
    if offer.technique in PUSHES:
        writes = -math.expm1(-rate * offer.interval) / offer.interval if offer.interval else rate
        beats = math.exp(-rate * costs.heartbeat_every) / costs.heartbeat_every
        return energy.per_hour(3600 * (writes + beats), regular=beats > writes)
    asked = 3600 * rate * offer.prediction.requests_per_event
    return energy.per_hour(asked, regular=offer.technique == "short" or empty > 0.5)


def _best(fit: list[Option], wanted: Requirements) -> Option:
    """The cheapest, or the simplest of those that are hardly dearer; on a phone only among the sparing ones."""
    if wanted.battery == "phone":
        least = min(option.joules for option in fit)
        fit = [option for option in fit if option.joules <= SPARING * least]
    cheapest = min(fit, key=lambda option: option.money.value).money
    near = [
        option
        for option in fit
        if option.money.value <= NEAR * cheapest.value or option.money.overlaps(cheapest)
    ]
    order = {key: place for place, key in enumerate((*SIMPLE, PUSH))}
    return min(near, key=lambda option: order[option.key])


def _lateness(option: Option) -> float:
    return math.inf if math.isnan(option.latency) else option.latency


def _reasons(best: Option, fit: list[Option], wanted: Requirements) -> tuple[str, ...]:
    """Say why, one sentence for each thing that decided."""
    if best.key == PUSH:
        return (
            "Only a push service reaches an app that is not running: the device keeps one connection to it, for all "
            "its apps.",
            f"It promises no time: a budget of {wanted.budget:g} s is a hope, not a limit. Send what can be late, and "
            "let the app ask for the rest when it opens.",
        )
    said = [
        f"It keeps the budget of {wanted.budget:g} s: {seconds(best.latency)} on average, "
        f"{seconds(best.worst)} at worst."
    ]
    if best.interval is not None:
        said.append(f"Its interval is {seconds(best.interval)}, the longest that the budget allows.")
    said.append(_money(best, fit, wanted))
    if wanted.direction == "both, often":
        said.append(
            "Clients send often: a frame for each message, not a request."
            if best.technique == "websocket"
            else "Clients send often, and every message of theirs is a request of its own."
        )
    elif wanted.direction == "both, rarely":
        said.append(
            "What the clients send goes the same way back."
            if best.technique == "websocket"
            else "What the clients send now and then goes up by POST."
        )
    if wanted.intermediaries == "ends idle connections" and best.technique in (*PUSHES, "long"):
        said.append("Heartbeats, or a hold, must be shorter than what the way lets a connection be idle.")
    if wanted.battery == "phone":
        said.append(f"On a phone the radio decides first: {best.joules:,.0f} J an hour (LTE, above sleep).")
    return tuple(said)


def _money(best: Option, fit: list[Option], wanted: Requirements) -> str:
    """Compare with the next one."""
    others = sorted((option for option in fit if option is not best), key=lambda option: option.money.value)
    if wanted.battery == "phone" and others:
        others = sorted(others, key=lambda option: option.joules)
    price = f"{best.money.value:,.2f} dollars a month for {wanted.clients:,} clients"
    if not others:
        return f"Nothing else will do; it costs {price}."
    other = others[0]
    ratio = other.money.value / best.money.value if best.money.value else math.inf
    what = f"It costs {price}; {other.name}, the next{' on the battery' * (wanted.battery == 'phone')}, "
    if abs(ratio - 1) < 0.02:
        return f"{what}as much."
    if ratio > 1 or wanted.battery == "phone":
        return f"{what}{ratio:.3g} times that." if ratio < 1.1 else f"{what}{ratio:.2g} times that."
    return f"It costs {price}; {other.name} would save {1 - ratio:.0%}, too little to be worth being less simple."
