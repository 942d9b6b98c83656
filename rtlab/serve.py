"""`rtlab serve`: a server in the foreground, with what it is asked to have: applications, a broker, TLS, tokens."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rtlab.errors import BadInput
from rtlab.push.commands import require
from rtlab.server.limits import Limits
from rtlab.server.options import PEM, limit_options

if TYPE_CHECKING:
    from rtlab.apps.site import Applications
    from rtlab.server.app import Extension

PUSH_ALONE = (
    "--push is for one process: a device that listens is connected to one of them, and what is sent to the others "
    "would not reach it; run it alone, on another port"
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: any free one."
)
@click.option(
    "--allow-origin", multiple=True, help="An origin whose pages may use the server, as http://host:port."
)
@click.option("--allow-host", multiple=True, help="A name that the server answers to, besides loopback's.")
@click.option(
    "--behind-proxy", is_flag=True, help="A proxy that authenticates stands before it: answer to any name."
)
@click.option("--hint", type=click.IntRange(1), help="Seconds of max-age to tell pollers.")
@click.option(
    "--app",
    "apps",
    multiple=True,
    help="An application to serve at /apps/NAME/: its name, module:Class, or all.",
)
@click.option(
    "--push",
    "store",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Be a push service too, with a page at /apps/notify/; the file keeps what must last.",
)
@click.option(
    "--broker",
    default="memory",
    show_default=True,
    help="Where the logs are: memory, redis://HOST:PORT, kafka://HOST:PORT, embedded-redis, embedded-kafka.",
)
@click.option("--token", envvar="RTLAB_TOKEN", help="Serve only who shows this token (better: RTLAB_TOKEN).")
@click.option("--jwt-key", type=PEM, help="Serve only who shows a JSON Web Token that this key verifies.")
@click.option("--anyone", is_flag=True, help="Serve other machines without a token, if --host lets them in.")
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that serve the port together, with a broker behind them.",
)
@click.option(
    "--tls", "with_tls", is_flag=True, help="Speak https and wss, with a certificate for development."
)
@click.option("--tls-cert", type=PEM, help="Speak https and wss, with this certificate chain (PEM).")
@click.option("--tls-key", type=PEM, help="The certificate's private key, where it is not in the same file.")
@click.option(
    "--deflate/--no-deflate",
    default=True,
    help="Compress WebSocket messages if the client offers it (default: yes).",
)
@limit_options(Limits)
def serve(
    host: str,
    port: int,
    allow_origin: tuple[str, ...],
    allow_host: tuple[str, ...],
    behind_proxy: bool,
    hint: int | None,
    apps: tuple[str, ...],
    store: Path | None,
    broker: str,
    processes: int,
    with_tls: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
    token: str | None,
    jwt_key: Path | None,
    anyone: bool,
    deflate: bool,
    **limits: Any,
) -> None:
    """Serve channels, and applications if asked to, until Ctrl-C."""
    from rtlab.brokers import broker_at, open_broker
    from rtlab.server.access import chosen as chosen_access
    from rtlab.server.app import Server
    from rtlab.server.place import Place
    from rtlab.server.run import until_stopped
    from rtlab.server.tls import chosen

    access = chosen_access(token, jwt_key, host, anyone)
    names = (host, *allow_host)
    if processes > 1:
        if store is not None:
            raise BadInput(PUSH_ALONE)
        with chosen(False, tls_cert, tls_key, names):
            pass  # files that are no use are told now: each process would say so, and be started again
        tls = "given" if tls_cert is not None else "development" if with_tls else None
        path = "/apps/" if apps else ""
        return _serve_fleet(processes, broker, host, port, path, tls, names, access is not None)
    with (
        contextlib.suppress(KeyboardInterrupt),
        chosen(with_tls, tls_cert, tls_key, names) as context,
        broker_at(broker) as address,
    ):
        server = Server(
            host,
            port,
            Limits(**limits),
            allow_origins=allow_origin,
            allow_hosts=allow_host,
            behind_proxy=behind_proxy,
            hint=hint,
            extensions=[*_applications(apps), *_push(store)],
            broker=None if address == "memory" else open_broker(address, limits["events"]),
            tls=context,
            place=Place.here(),
            access=access,
            deflate=deflate,
        )
        asyncio.run(until_stopped(server, "/apps/" if apps else ""))


def _serve_fleet(
    processes: int,
    broker: str,
    host: str,
    port: int,
    path: str,
    tls: str | None,
    names: tuple[str, ...],
    guarded: bool,
) -> None:
    from rtlab.fleet import Fleet, serve
    from rtlab.server.tls import shared_development, tell

    first = list(sys.argv[sys.argv.index("serve") + 1 :])
    own = [
        "--processes",
        "1",
    ]  # the last of an option counts: each is alone, on the broker that the fleet has
    with contextlib.ExitStack() as stack:
        if tls == "development":  # one certificate for all of them
            made = stack.enter_context(shared_development(names))
            own += ["--tls-cert", str(made.certificate)]
            tell(made.cacert)
        fleet = Fleet(
            processes, broker, host=host, port=port, first=first, arguments=own, tls=tls is not None
        )
        serve(fleet, path, guarded=guarded)


def _push(store: Path | None) -> list[Extension]:
    if store is None:
        return []
    require()
    from rtlab.apps.notify import Notify
    from rtlab.push.service import PushService

    return [PushService(store), Notify()]


def _applications(names: tuple[str, ...]) -> list[Applications]:
    if not names:
        return []
    from rtlab.apps.catalogue import make
    from rtlab.apps.site import Applications

    return [Applications(make(names))]
