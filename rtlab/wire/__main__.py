"""`python -m rtlab.wire --upstream HOST:PORT`: a tap as a program; `TapProcess` starts it with `--ask`."""

import json
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from rtlab.errors import PortInUse, RtlabError
from rtlab.wire.record import plain
from rtlab.wire.tap import KEEP_BYTES, Tap


@click.command()
@click.option("--upstream", required=True, metavar="HOST:PORT", help="The server to relay to.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=0, help="The port to listen on; 0 (the default) for any free one.")
@click.option("--delay", default=0.0, metavar="SECONDS", help="One-way delay of each direction.")
@click.option("--keep-bytes", default=KEEP_BYTES, show_default=True, help="Size of the record, at most.")
@click.option(
    "--record", type=click.Path(path_type=Path), help="Write the record here at the end, as JSON lines."
)
@click.option("--ask", is_flag=True, help="Answer questions on standard input, in JSON, until it ends.")
def main(
    upstream: str, host: str, port: int, delay: float, keep_bytes: int, record: Path | None, ask: bool
) -> None:
    """Relay TCP to a server, count and record every byte, and delay it. Ends with Ctrl-C."""
    try:
        tap = Tap(split(upstream), host=host, port=port, delay=delay, keep_bytes=keep_bytes).start()
    except RtlabError as error:
        if not ask:
            raise click.ClickException(str(error)) from error
        say({"error": "PortInUse" if isinstance(error, PortInUse) else "BadInput", "message": str(error)})
        return
    with tap:
        if ask:
            answer_questions(tap)
        else:
            end = end_by_signal()
            print("tap: http://{}:{} relays to {}".format(*tap.address, upstream), flush=True)
            while not end.wait(timeout=1):  # with a timeout, so that every system looks at its signals
                pass
    if record is not None:
        record.write_text("".join(json.dumps(plain(entry)) + "\n" for entry in tap.record))
    if not ask:
        print("tap: {up} bytes up, {down} bytes down, {opened} connections".format(**asdict(tap.counts)))


def split(upstream: str) -> tuple[str, int]:
    """HOST:PORT as a pair."""
    host, _, port = upstream.rpartition(":")
    if not host or not port.isdecimal():
        raise click.BadParameter(f"{upstream!r} is not HOST:PORT, for example 127.0.0.1:8765")
    return host.strip("[]"), int(port)


def end_by_signal() -> threading.Event:
    """Set when somebody interrupts or terminates the program, from now on."""
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    return end


def answer_questions(tap: Tap) -> None:
    """The other end of `TapProcess`."""
    answers: dict[str, Callable[..., Any]] = {
        "counts": lambda: asdict(tap.counts),
        "connections": lambda: tap.connections,
        "record": lambda: [plain(entry) for entry in tap.record],
        "clear": tap.clear,
        "delay": lambda seconds: setattr(tap, "delay", seconds),
    }
    say({"address": tap.address})
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        say(answers[name](*arguments))


def say(answer: object) -> None:
    """One line to the parent."""
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
