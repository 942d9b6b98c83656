"""`rtlab push serve | keys | subscribe | send | listen`: each of the four parties from the command line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from rtlab.errors import BadInput, Missing, ServerError
from rtlab.push.limits import PushLimits
from rtlab.server.options import limit_options

URGENCIES = ["very-low", "low", "normal", "high"]
FILE = click.Path(path_type=Path, dir_okay=False)
trusting = click.option(
    "--cacert", type=FILE, help="A file of certificate authorities to trust, for https (PEM)."
)


@click.group()
def push() -> None:
    """Push notifications: a push service, an application server, a device."""
    require()


def require() -> None:
    """Raise Missing where what encrypts and signs is not installed."""
    for module in ("cryptography", "http_ece", "py_vapid"):
        if find_spec(module) is None:
            raise Missing(module, "push")


@push.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: any free one."
)
@click.option("--store", type=FILE, default=Path("push.sqlite"), show_default=True, help="What must last.")
@click.option("--sync/--no-sync", default=True, show_default=True, help="Against a loss of power too.")
@limit_options(PushLimits)
def serve(host: str, port: int, store: Path, sync: bool, **limits: Any) -> None:
    """Be a push service until Ctrl-C; the same server has channels too."""
    from rtlab.push.service import PushService
    from rtlab.server.app import Server
    from rtlab.server.run import until_stopped

    service = PushService(store, PushLimits(**limits), sync=sync)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(until_stopped(Server(host, port, extensions=[service])))


@push.command()
@click.argument("file", type=FILE, default=Path("vapid.pem"))
def keys(file: Path) -> None:
    """Make an application server's key in FILE (for its owner only), and print its public half.

    A key that is there is kept: it is what devices know you by.
    """
    from rtlab.push.keys import load_key, new_key, save_key
    from rtlab.push.vapid import key_text

    if not file.exists():
        save_key(file, new_key())
    click.echo(key_text(load_key(file)))


@push.command()
@click.argument("service")
@click.option(
    "--device", type=FILE, default=Path("device.json"), show_default=True, help="The device's file."
)
@click.option("--key", help="The application server's public key: then nobody else can send.")
@click.option("--name", default="", help="What the application is called on the device.")
@trusting
def subscribe(service: str, device: Path, key: str | None, name: str, cacert: Path | None) -> None:
    """Subscribe at SERVICE, such as http://127.0.0.1:8765, and print what the application server needs.

    It has a secret in it: give it to that server, and to nobody else.
    """
    from rtlab.push.device import Device

    with Device(service, device, cacert=cacert) as own:
        click.echo(json.dumps(own.subscribe(key, name).to_json()))


@push.command()
@click.argument("text", default="-")
@click.option(
    "--to", type=FILE, default=Path("subscriptions.json"), show_default=True, help="The subscriptions."
)
@click.option(
    "--key", type=FILE, default=Path("vapid.pem"), show_default=True, help="The key, as `keys` made it."
)
@click.option("--contact", required=True, help="mailto: or https: URL, for the push service to write to.")
@click.option(
    "--ttl", default=24 * 3600, show_default=True, type=click.IntRange(0), help="Seconds it may wait."
)
@click.option("--urgency", type=click.Choice(URGENCIES), default="normal", show_default=True)
@click.option("--topic", help="Replaces a waiting message of the same topic.")
@click.option("--receipt", is_flag=True, help="Ask the service to tell when the device has it.")
@trusting
def send(
    text: str, to: Path, key: Path, contact: str, receipt: bool, cacert: Path | None, **options: Any
) -> None:
    """Send TEXT (or standard input) to every subscription, and print what each service answered.

    A subscription that is gone is removed from the file. Ends with 1 if a message was not taken.
    """
    from rtlab.push.application import ApplicationServer, Sent
    from rtlab.push.keys import load_key
    from rtlab.push.subscriptions import Subscriptions

    subscriptions = Subscriptions(to)
    if not len(subscriptions):
        raise BadInput(f"there is no subscription in {to}: `rtlab push subscribe` prints one")
    data = sys.stdin.buffer.read() if text == "-" else text.encode()
    with ApplicationServer(load_key(key), contact, subscriptions, cacert=cacert) as server:
        results = server.send_to_all(data, receipt=receipt, **options)
    for endpoint, result in results.items():
        if isinstance(result, Sent):
            click.echo(json.dumps({"endpoint": endpoint, **result._asdict()}))
        else:
            gone = " (removed)" if isinstance(result, ServerError) and endpoint not in subscriptions else ""
            click.echo(f"rtlab: {result}{gone}", err=True)
    if not all(isinstance(result, Sent) for result in results.values()):
        raise SystemExit(1)


@push.command()
@click.option(
    "--device", type=FILE, default=Path("device.json"), show_default=True, help="The device's file."
)
@click.option("--limit", type=click.IntRange(1), help="Sleep after that many messages.")
@click.option("--timeout", type=click.FloatRange(0), help="Sleep after that many seconds.")
@click.option(
    "--urgency",
    type=click.Choice(URGENCIES),
    default="very-low",
    show_default=True,
    help="The lowest to wake for.",
)
@trusting
def listen(device: Path, limit: int | None, timeout: float | None, urgency: str, cacert: Path | None) -> None:
    """Be awake: print the device's messages, one JSON object a line."""
    from rtlab.push.device import Device

    try:
        with Device(keep=device, cacert=cacert) as own:
            for message in own.messages(limit, timeout, urgency=urgency):
                click.echo(
                    json.dumps({"application": message.application, "text": message.text}, ensure_ascii=False)
                )
    except KeyboardInterrupt:
        pass
