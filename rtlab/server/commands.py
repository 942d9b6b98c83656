"""`rtlab token`: a JSON Web Token for a server that checks them."""

from __future__ import annotations

from pathlib import Path

import click

from rtlab.errors import BadInput
from rtlab.server.options import PEM


@click.command()
@click.option(
    "--key-file", type=PEM, required=True, help="A file with the secret that the server has as --jwt-key."
)
@click.option("--subject", default="me", show_default=True, help="Who the token is for.")
@click.option("--read", multiple=True, help="Channels that it may read, as a pattern: news, 'room-*'.")
@click.option("--publish", multiple=True, help="Channels that it may publish to.")
@click.option(
    "--seconds", default=3600.0, show_default=True, type=click.FloatRange(0), help="How long it is good."
)
def token(
    key_file: Path, subject: str, read: tuple[str, ...], publish: tuple[str, ...], seconds: float
) -> None:
    """Print a JSON Web Token for a server that was started with the same key."""
    from rtlab.server.access import issue

    if not key_file.is_file():
        raise BadInput(f"there is no file {key_file}: make one with openssl rand -hex 32")
    click.echo(issue(key_file.read_text(encoding="utf-8").strip(), subject, read, publish, seconds))
