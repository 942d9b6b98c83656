"""The command line: `rtlab lab | serve | watch | publish | token | push | compare | choose | bench | doctor`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from rtlab.errors import RtlabError
from rtlab.measure.commands import bench
from rtlab.push.commands import push
from rtlab.report.choosing import choose
from rtlab.report.command import compare
from rtlab.serve import serve
from rtlab.server.commands import token
from rtlab.watch import publish, watch


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


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rtlab", prog_name="rtlab")
def main() -> None:
    """A laboratory for real-time communication on the web."""


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


@bench.command("apps")
@click.option("--seconds", default=10.0, show_default=True, type=click.FloatRange(0.2, 600), help="Of each.")
@click.option("--together", is_flag=True, help="Chat, market and devices at once on one server.")
@click.argument("names", nargs=-1)
def bench_apps(seconds: float, together: bool, names: tuple[str, ...]) -> None:
    """A crowd before each application: CPU and memory of its server, and latency. NAMES: only these applications."""
    from rtlab.apps.bench import print_scenes, print_together

    if together:
        print_together(seconds)
    else:
        print_scenes(names, seconds)


for command in (serve, watch, publish, token, push, compare, choose, bench):
    main.add_command(command)


@main.command()
def doctor() -> None:
    """Check this installation, and say how to mend what is wrong."""
    from rtlab.doctor import doctor as examine

    report = examine()
    report.print()
    raise SystemExit(0 if report.healthy else 1)
