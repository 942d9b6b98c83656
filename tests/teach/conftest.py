"""Answers as a notebook's cells define them."""

import itertools
import textwrap
from collections.abc import Callable, Generator
from typing import Any

import pytest

from rtlab.teach import record, source

_cells = itertools.count(1)


@pytest.fixture
def cell() -> Callable[[str], dict[str, Any]]:
    """Run source as a kernel runs a cell, as `__main__`, its lines in no file; returns what it defined."""

    def run(text: str) -> dict[str, Any]:
        text = textwrap.dedent(text).lstrip("\n")
        filename = f"<cell {next(_cells)}>"
        source.remember(filename, text.splitlines(keepends=True))
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(text, filename, "exec"), namespace)
        return namespace

    return run


@pytest.fixture(autouse=True)
def new_notebook(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Begin each test with nothing predicted, voted or checked, and not graded."""
    monkeypatch.delenv("RTLAB_GRADED", raising=False)
    monkeypatch.delenv("RTLAB_SEED", raising=False)
    record.forget()
    yield
    record.forget()
