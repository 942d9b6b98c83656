"""A comparison in a notebook: one object with its table, its pictures and its files."""

import csv
import json
from pathlib import Path

import pytest

import rtlab
from rtlab.errors import BadInput
from rtlab.measure.result import Result
from rtlab.report.comparison import Comparison, compare


@pytest.fixture(scope="module")
def comparison(results: list[Result]) -> Comparison:
    return Comparison(results)


def test_a_technique_is_found_by_its_name(comparison: Comparison) -> None:
    assert comparison["sse"].technique == "sse"
    assert [result.technique for result in comparison] == ["short", "adaptive", "long", "sse", "websocket"]
    with pytest.raises(BadInput, match="was not measured: ask for one of short, adaptive"):
        comparison["push"]


def test_a_notebook_shows_the_table_and_the_doubts(comparison: Comparison) -> None:
    shown = comparison._repr_mimebundle_()
    assert "<table" in shown["text/html"]
    assert "one &lt;reason&gt;" in shown["text/html"]
    assert "<h1" not in shown["text/html"]
    assert "mean latency" in shown["text/plain"]
    assert repr(comparison) == shown["text/plain"]


def test_its_pictures_say_what_they_show(comparison: Comparison) -> None:
    assert "theory" in comparison.latency().description
    assert "share of the events" in comparison.distribution(dark=True).description


def test_it_is_saved_as_a_page_and_as_figures(comparison: Comparison, tmp_path: Path) -> None:
    for name in ("c.html", "c.json", "c.csv"):
        comparison.save(tmp_path / name)
    assert (tmp_path / "c.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert len(json.loads((tmp_path / "c.json").read_text())) == 5
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 5
    with pytest.raises(BadInput, match="neither"):
        comparison.save(tmp_path / "c.txt")


def test_it_is_what_a_notebook_imports() -> None:
    assert rtlab.compare is compare
    with pytest.raises(BadInput, match="technique"):
        compare("pigeon")
