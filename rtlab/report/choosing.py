"""`rtlab choose`: the chooser of lesson 09 on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rtlab.measure.choose import Choice, Option
    from rtlab.measure.unit_costs import Costs

# What can be asked for, as it is typed, and as the chooser has it.
DIRECTIONS = {"down": "down", "both-rarely": "both, rarely", "both-often": "both, often"}
ON_THE_WAY = {
    "nothing": "none",
    "buffering-proxy": "buffering proxy",
    "strips-upgrade": "strips Upgrade",
    "ends-idle": "ends idle connections",
}
BATTERIES = ("mains", "phone")
EXAMPLES = "Costs are those of an example's server; with --measure they are this machine's."
MEASURED = "Costs are this machine's, measured just now."


@click.command()
@click.option("--rate", default=1.0, show_default=True, help="Events a second that each client hears.")
@click.option("--clients", default=1000, show_default=True, help="Clients at once.")
@click.option("--delay", default=0.04, show_default=True, help="One-way delay in seconds.")
@click.option(
    "--budget", default=1.0, show_default=True, help="Seconds that an event may be late on average."
)
@click.option(
    "--direction",
    type=click.Choice(list(DIRECTIONS)),
    default="down",
    show_default=True,
    help="Whether clients send, too.",
)
@click.option(
    "--on-the-way",
    type=click.Choice(list(ON_THE_WAY)),
    default="nothing",
    show_default=True,
    help="What stands between clients and server.",
)
@click.option(
    "--battery", type=click.Choice(BATTERIES), default="mains", show_default=True, help="Of the clients."
)
@click.option("--closed-app", is_flag=True, help="An app has to be reached while it is not running.")
@click.option("--measure", is_flag=True, help="By this machine's own costs, measured first: half a minute.")
def choose(
    rate: float,
    clients: int,
    delay: float,
    budget: float,
    direction: str,
    on_the_way: str,
    battery: str,
    closed_app: bool,
    measure: bool,
) -> None:
    """Choose a technique for what is wanted, and say why, and what the others would cost."""
    from rtlab.measure.choose import Requirements
    from rtlab.measure.choose import choose as choose_by
    from rtlab.measure.unit_costs import EXAMPLE

    wanted = Requirements(
        rate, clients, delay, budget, DIRECTIONS[direction], ON_THE_WAY[on_the_way], battery, closed_app
    )
    _print(choose_by(wanted, _measured() if measure else EXAMPLE), MEASURED if measure else EXAMPLES)


def _measured() -> Costs:
    from rtlab.measure.calibrate import calibrate

    click.echo("measuring what a poll, a write and a connection cost", err=True)
    found = calibrate(seconds=3.0)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    return found.costs


def _print(choice: Choice, whose: str) -> None:
    """Print the choice, its reasons, and a line for each technique, with the reason why one will not do."""
    from rich.console import Console
    from rich.table import Table

    from rtlab.measure.choice_figures import COLUMNS, figures
    from rtlab.measure.unit_costs import Prices

    console = Console()
    best = next((option.name for option in choice.options if option.key == choice.key), "nothing will do")
    console.print(best, style="bold")
    for reason in choice.reasons:
        console.print(f"  {reason}", highlight=False)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("")
    for column in COLUMNS:
        table.add_column(column.replace(", ", ",\n"), justify="right", no_wrap=True)
    for option in choice.options:
        table.add_row(option.name, *figures(option), style="dim" if option.why_not else "")
    console.print()
    console.print(table)
    console.print()
    for option in choice.options:
        if option.why_not:
            console.print(_refused(option), style="dim", highlight=False)
    prices = Prices()
    console.print(
        f"{whose} Prices are assumed, in dollars: {prices.core:g} a core and {prices.memory:g} a GB of memory for a "
        f"month, {prices.traffic:g} a GB sent.",
        highlight=False,
    )


def _refused(option: Option) -> str:
    return f"Not {option.name}: {option.why_not}."
