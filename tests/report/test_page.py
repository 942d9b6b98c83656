"""The page: one file that needs nothing, with every figure, words for its pictures, light and dark, wide and narrow."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from rtlab.measure.result import Latency, Result
from rtlab.report import figures
from rtlab.report.page import page
from rtlab.technique import NAMES


@pytest.fixture(scope="module")
def html(results: list[Result]) -> str:
    return page(results)


def test_it_asks_the_network_for_nothing(html: str) -> None:
    addresses = re.findall(r"""(?:src|srcset|href|url)\s*[=(]\s*["']?([^"')\s]{0,40})""", html)
    assert addresses
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    assert "<script" not in html


def test_it_has_every_figure_every_name_and_every_doubt(html: str, results: list[Result]) -> None:
    for line in figures.lines(results):
        for value in line.values:
            assert f"<td>{value}</td>" in html
    assert all(NAMES[result.technique] in html for result in results)
    assert "one &lt;reason&gt;; another." in html
    assert "one <reason>" not in html


def test_every_picture_says_what_it_shows(html: str) -> None:
    texts = re.findall(r'alt="([^"]*)"', html)
    assert len(texts) == html.count("<img") == html.count('prefers-color-scheme:dark)" srcset') == 2
    for text in texts:
        assert all(name in text.lower() for name in ("short polling", "websocket"))
        assert "theory" in text


def test_its_tags_are_balanced(html: str) -> None:
    open_tags: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "img", "source"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Balance().feed(html)
    assert open_tags == []


def test_nothing_was_delivered_and_it_is_still_a_page(results: list[Result]) -> None:
    empty = replace(results[3], events=0, latency=Latency.of(np.empty(0)), latencies=np.empty(0))
    text = page([empty])
    assert "No event arrived." in text
    assert "1 technique on the same workload" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_wide_and_narrow(html: str, tmp_path: Path, browser: Browser, scheme: str) -> None:
    (tmp_path / "report.html").write_text(html, encoding="utf-8")
    for width in (1200, 360):
        context = browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 800},
            offline=True,
        )
        shown = context.new_page()
        problems: list[str] = []
        shown.on("console", lambda message, said=problems: said.append(message.text))
        shown.goto(f"file://{tmp_path}/report.html")
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert shown.evaluate(
            "[...document.images].every(image => image.complete && image.naturalWidth > 600)"
        )
        ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(20, 23, 26)") == (scheme == "dark")
        assert problems == []
        context.close()
