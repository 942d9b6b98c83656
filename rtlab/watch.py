"""`rtlab watch` and `rtlab publish`: a channel on the command line."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from rtlab.errors import BadInput
from rtlab.server.options import PEM
from rtlab.technique import TECHNIQUES


@click.command()
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
    from rtlab.clients import READERS, connect, pace
    from rtlab.event import Event

    own: dict[str, dict[str, Any]] = {
        "short": {"interval": interval},
        "adaptive": {"pace": pace.Backoff(interval, 16 * interval, 2.0)},
        "auto": {"interval": interval},
    }
    make = connect if by == "auto" else READERS[by]
    try:
        with (
            _troubles() as troubles,
            make(channel_url, after=after, cacert=cacert, token=token, **own.get(by, {})) as reader,
        ):
            for item in reader.events(limit=limit, timeout=timeout):
                troubles.over()
                shown = vars(item) if isinstance(item, Event) else {"gap": vars(item)}
                click.echo(json.dumps(shown, ensure_ascii=False))
    except KeyboardInterrupt:
        pass


class _Troubles(logging.Handler):
    """Says on standard error why a reader that tries again has nothing to show: each trouble once, not each attempt."""

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Say what the readers log: `trouble; trying again in … s`."""
        trouble = record.getMessage().rpartition("; trying again")[0]
        if trouble not in self._said:
            self._said.add(trouble)
            click.echo(f"rtlab: {trouble}; trying again", err=True)

    def over(self) -> None:
        """Something has come: a trouble that comes back is news again."""
        self._said.clear()


@contextmanager
def _troubles() -> Iterator[_Troubles]:
    log, troubles = logging.getLogger("rtlab.clients"), _Troubles()
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(troubles)
    try:
        yield troubles
    finally:
        log.removeHandler(troubles)
        log.setLevel(level)


@click.command("publish")
@click.argument("channel_url")
@click.argument("text", metavar="[JSON | -]", default="-")
@click.option("--key", help="An idempotency key: publishing again with it appends nothing.")
@click.option("--cacert", type=PEM, help="A file of certificate authorities to trust, for https (PEM).")
@click.option("--token", envvar="RTLAB_TOKEN", help="A token to show to the server (better: RTLAB_TOKEN).")
def publish(channel_url: str, text: str, key: str | None, cacert: Path | None, token: str | None) -> None:
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
