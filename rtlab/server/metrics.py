"""What the server counts, for people and for Prometheus: `/channels`, `/metrics`, `/healthz`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from rtlab.errors import Refused
from rtlab.server.handler import Handler
from rtlab.server.limits import is_loopback

if TYPE_CHECKING:
    from rtlab.server.app import Server


class ServerCollector(Collector):
    """The server's own counts, read when they are asked for: counting costs the write path an addition."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def collect(self) -> Iterator[Metric]:
        """Yield every metric once."""
        channels, server = self.server.channels, self.server
        known = list(channels.by_name.values())
        yield CounterMetricFamily("rtlab_events_published", "Events appended", channels.published)
        yield CounterMetricFamily(
            "rtlab_events_delivered", "Events handed to streams and sockets", channels.delivered
        )
        yield CounterMetricFamily("rtlab_batches_written", "Writes that carried them", channels.batches)
        yield GaugeMetricFamily("rtlab_connections", "Open TCP connections", server.admission.open)
        yield GaugeMetricFamily(
            "rtlab_channels", "Channels with a log", sum(c.log is not None for c in known)
        )
        yield GaugeMetricFamily(
            "rtlab_readers", "Open streams and sockets", sum(len(c.readers) for c in known)
        )
        yield GaugeMetricFamily("rtlab_held_polls", "Long polls held", sum(len(c.held) for c in known))
        kept = sum(c.log.bytes for c in known if c.log is not None)
        yield GaugeMetricFamily("rtlab_log_bytes", "Bytes of JSON kept in all logs", kept)
        if (broker := server.broker) is not None:
            yield GaugeMetricFamily("rtlab_broker_up", "Whether the broker can be used", not broker.trouble)
            yield CounterMetricFamily("rtlab_broker_failures", "Times the broker was lost", broker.failures)
        requests = CounterMetricFamily(
            "rtlab_requests", "Requests answered", labels=["resource", "method", "status"]
        )
        for (resource, method, status), count in server.requests.items():
            requests.add_metric([resource, method, str(status)], count)
        yield requests


def counts(server: Server) -> bytes:
    """Every count of this process as it stands, in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServerCollector(server))
    return generate_latest(registry)


class FleetCollector(Collector):
    """The counts of several processes: their sums, or each process's own with its number as a label."""

    def __init__(self, answers: dict[int, bytes], apart: bool) -> None:
        self.answers, self.apart = answers, apart

    def collect(self) -> Iterator[Metric]:
        """Yield every metric once."""
        found: dict[str, Metric] = {}
        values: dict[tuple[str, str, tuple[tuple[str, str], ...]], float] = {}
        for index, answer in self.answers.items():
            own = {"process": str(index)} if self.apart else {}
            for family in text_string_to_metric_families(answer.decode()):
                found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    key = family.name, sample.name, tuple(sorted((sample.labels | own).items()))
                    values[key] = values.get(key, 0.0) + sample.value
        for (name, sample_name, labels), value in values.items():
            found[name].add_sample(sample_name, dict(labels), value)
        yield from found.values()


class MetricsHandler(Handler):
    """`/metrics`, in Prometheus's text format; of a fleet the sums, with `?by=process` each process's own."""

    async def get(self) -> None:
        """Answer with every count, to who may read every channel or, on a server without tokens, is on this machine."""
        server, place = self.server, self.server.place
        if not (grant := self.by_token()).reads_all:
            raise Refused(
                403,
                f"{grant.subject} may not read the server's figures: they want a token that may read every channel",
            )
        if server.access is None and not is_loopback(server.host) and not is_loopback(self.address):
            raise Refused(403, "the figures of a server without tokens are for its own machine: ask there")
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        if place is None:
            self.finish(counts(self.server))
            return
        registry = CollectorRegistry(auto_describe=False)
        apart = self.get_query_argument("by", None) == "process"
        registry.register(FleetCollector(await place.ask_all(), apart))
        self.finish(generate_latest(registry))


class ChannelsHandler(Handler):
    """`/channels`: those that have a log."""

    async def get(self) -> None:
        """Answer with the name of each that the client may read, its newest cursor and window, and its readers here."""
        grant = self.by_token()
        rows = []
        for name, cursor, events, size in await self.server.channels.overview():
            if not grant.may("read", name):
                continue
            here = self.server.channels.by_name.get(name)
            readers, held = (len(here.readers), len(here.held)) if here is not None else (0, 0)
            row = {"name": name, "cursor": cursor, "events": events, "bytes": size}
            rows.append(row | {"readers": readers, "held": held})
        self.set_header("Cache-Control", "no-store")
        self.finish({"channels": rows})


class HealthHandler(Handler):
    """`/healthz`: the server's loop turns; and whether its broker, if it has one, can be used.

    It is `200` also while the broker is away: the readers are here and keep their connections, and a proxy that
    took the server away for it would only have them come back to another one with the same broker.
    """

    def get(self) -> None:
        """Answer that it does, and how the broker is."""
        self.set_header("Cache-Control", "no-store")
        broker = self.server.broker
        trouble = broker.trouble if broker is not None else None
        self.finish({"status": "waiting", "broker": trouble} if trouble else {"status": "ok"})
