"""The command line: `rtlab lab | serve | watch | publish | push | compare | bench | doctor`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rtlab.errors import BadInput, RtlabError
from rtlab.measure.commands import bench
from rtlab.push.commands import push, require
from rtlab.report.command import TECHNIQUES, compare
from rtlab.server.limits import Limits
from rtlab.server.options import limit_options

if TYPE_CHECKING:
    from rtlab.apps.site import Applications
    from rtlab.server.app import Extension


class Sentences(click.Group):
    """A group whose commands tell what went wrong in one sentence, not in a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except RtlabError as error:
            raise SystemExit(_fail(f"rtlab: {error}")) from None
        except BrokenPipeError:  # `rtlab watch … | head`
            sys.stderr.close()
            raise SystemExit(0) from None


def _fail(sentence: str) -> int:
    click.echo(sentence, err=True)
    return 2


PEM = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rtlab", prog_name="rtlab")
def main() -> None:
    """A laboratory for real-time communication on the web."""


main.add_command(push)


@main.command()
@click.option(
    "--notebooks",
    type=click.Path(path_type=Path),
    default=Path("notebooks"),
    show_default=True,
    help="The folder of the lessons.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(notebooks: Path, arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the first lesson. ARGUMENTS, after --, go to JupyterLab."""
    from rtlab.jupyter import open_lab

    raise SystemExit(open_lab(notebooks, arguments))


@main.command()
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
    if processes > 1:
        if store is not None or with_tls:
            option = "--push" if store is not None else "--tls"
            raise BadInput(f"{option} is for one process: run it alone, or with --tls-cert, on another port")
        return _serve_fleet(processes, broker, host, port, "/apps/" if apps else "")
    names = (host, *allow_host)
    with (
        contextlib.suppress(KeyboardInterrupt),
        chosen(with_tls, tls_cert, tls_key, names) as tls,
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
            tls=tls,
            place=Place.here(),
            access=access,
        )
        asyncio.run(until_stopped(server, "/apps/" if apps else ""))


def _serve_fleet(processes: int, broker: str, host: str, port: int, path: str) -> None:
    from rtlab.fleet import Fleet, serve

    arguments = list(sys.argv[sys.argv.index("serve") + 1 :])
    # The last of an option counts: these are for the fleet, its processes are alone on the broker that it has.
    fleet = Fleet(processes, broker, host=host, port=port, first=arguments, arguments=("--processes", "1"))
    serve(fleet, path)


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


@main.command()
@click.argument("channel_url")
@click.option(
    "--by",
    type=click.Choice([*TECHNIQUES, "auto"]),
    default="long",
    show_default=True,
    help="The technique; auto: the first that gets through, from websocket down.",
)
@click.option("--after", default="now", show_default=True, help="start, last, now, or a cursor.")
@click.option("--limit", type=click.IntRange(1), help="End after that many events.")
@click.option("--cacert", type=PEM, help="A file of certificate authorities to trust, for https (PEM).")
@click.option("--token", envvar="RTLAB_TOKEN", help="A token to show to the server (better: RTLAB_TOKEN).")
@click.option("--timeout", type=click.FloatRange(0), help="End after that many seconds.")
@click.option(
    "--interval",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Seconds between short polls; where adaptive polling begins.",
)
def watch(
    channel_url: str,
    by: str,
    after: str,
    limit: int | None,
    timeout: float | None,
    interval: float,
    cacert: Path | None,
    token: str | None,
) -> None:
    """Print the events of CHANNEL_URL, one JSON object a line; a gap is {"gap": …}."""
    from rtlab.clients import (
        AdaptivePolling,
        LongPolling,
        ServerSentEvents,
        ShortPolling,
        WebSocket,
        connect,
        pace,
    )
    from rtlab.event import Event

    readers: dict[str, Callable[[], Any]] = {
        "short": lambda: ShortPolling(channel_url, interval, after, cacert=cacert, token=token),
        "adaptive": lambda: AdaptivePolling(
            channel_url, pace.Backoff(interval, 16 * interval, 2.0), after, cacert=cacert
        ),
        "long": lambda: LongPolling(channel_url, after=after, cacert=cacert, token=token),
        "sse": lambda: ServerSentEvents(channel_url, after, cacert=cacert, token=token),
        "websocket": lambda: WebSocket(channel_url, after, cacert=cacert, token=token),
        "auto": lambda: connect(channel_url, after, interval=interval, cacert=cacert, token=token),
    }
    try:
        with readers[by]() as reader:
            for item in reader.events(limit=limit, timeout=timeout):
                shown = vars(item) if isinstance(item, Event) else {"gap": vars(item)}
                click.echo(json.dumps(shown, ensure_ascii=False))
    except KeyboardInterrupt:
        pass


@main.command("publish")
@click.argument("channel_url")
@click.argument("text", metavar="[JSON | -]", default="-")
@click.option("--key", help="An idempotency key: publishing again with it appends nothing.")
@click.option("--cacert", type=PEM, help="A file of certificate authorities to trust, for https (PEM).")
@click.option("--token", envvar="RTLAB_TOKEN", help="A token to show to the server (better: RTLAB_TOKEN).")
def publish_command(
    channel_url: str, text: str, key: str | None, cacert: Path | None, token: str | None
) -> None:
    """Append JSON to CHANNEL_URL and print its id; with - (or nothing) each line of standard input."""
    from rtlab.clients import Publisher

    if text == "-" and key is not None:
        raise BadInput("a key stands for one event: give the JSON as an argument, not on standard input")
    with Publisher(channel_url, cacert=cacert, token=token) as publisher:
        for number, line in _lines(text):
            click.echo(publisher.publish(_parsed(line, number), key))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    if text != "-":
        yield 0, text
        return
    for number, line in enumerate(sys.stdin, 1):
        if line.strip():
            yield number, line


def _parsed(text: str, number: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        where = f"line {number}" if number else repr(text[:60])
        raise BadInput(f"""{where} is not JSON ({error}): strings need quotes, as in '"hello"'""") from None


@bench.command("apps")
@click.option("--seconds", default=10.0, show_default=True, type=click.FloatRange(0.2, 600), help="Of each.")
@click.argument("names", nargs=-1)
def bench_apps(seconds: float, names: tuple[str, ...]) -> None:
    """A crowd before each application: CPU and memory of its server, and latency. NAMES: only these applications."""
    from rtlab.apps.bench import print_scenes

    print_scenes(names, seconds)


@main.command("token")
@click.option(
    "--key-file", type=PEM, required=True, help="A file with the secret that the server has as --jwt-key."
)
@click.option("--subject", default="me", show_default=True, help="Who the token is for.")
@click.option("--read", multiple=True, help="Channels that it may read, as a pattern: news, 'room-*'.")
@click.option("--publish", multiple=True, help="Channels that it may publish to.")
@click.option(
    "--seconds", default=3600.0, show_default=True, type=click.FloatRange(0), help="How long it is good."
)
def token_command(
    key_file: Path, subject: str, read: tuple[str, ...], publish: tuple[str, ...], seconds: float
) -> None:
    """Print a JSON Web Token for a server that was started with the same key."""
    from rtlab.server.access import issue

    if not key_file.is_file():
        raise BadInput(f"there is no file {key_file}: make one with openssl rand -hex 32")
    click.echo(issue(key_file.read_text(encoding="utf-8").strip(), subject, read, publish, seconds))


main.add_command(compare)
main.add_command(bench)


@main.command()
def doctor() -> None:
    """Check this installation, and say how to mend what is wrong."""
    from rtlab.doctor import doctor as examine

    report = examine()
    report.print()
    raise SystemExit(0 if report.healthy else 1)
