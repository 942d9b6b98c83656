"""A test that fails says which line of the contract is broken; the last words are the lines, kept and broken."""

from __future__ import annotations

import textwrap
from collections.abc import Generator
from typing import Any

import pytest

from rtlab.conformance.lines import LINES


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "contract(line): the line of the wire contract that a test is about")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a test's report the line that it is about."""
    report = yield
    for name in [mark.args[0] for mark in item.iter_markers("contract")]:
        report.user_properties.append(("contract", name))
        if report.failed:
            report.sections.append(("The line of the contract that is broken", f"{name}: {LINES[name]}"))
    return report


def summary(terminal: Any) -> None:
    """Write which lines are kept, which are broken, and which were not tried."""
    found: dict[str, set[str]] = {"passed": set(), "failed": set()}
    for outcome, reports in terminal.stats.items():
        kind = {"error": "failed"}.get(outcome, outcome)
        for report in reports if kind in found else ():
            found[kind] |= {name for key, name in report.user_properties if key == "contract"}
    broken, kept = found["failed"], found["passed"] - found["failed"]
    terminal.section("the wire contract")
    if untried := [name for name in LINES if name not in broken | kept]:
        terminal.write_line(_wrapped(f"not tried: {', '.join(untried)}"))
    for name in [name for name in LINES if name in broken]:
        terminal.write_line(_wrapped(f"broken: {name}: {LINES[name]}"))
    terminal.write_line(f"{len(kept)} of {len(LINES)} lines kept, {len(broken)} broken")


def _wrapped(words: str) -> str:
    return textwrap.fill(words, 100, subsequent_indent="    ")
