"""What all pages share: the colours are those of the lessons' pictures, and what is vendored has its licence."""

import re
from pathlib import Path

import pytest

from rtlab.apps import site
from rtlab.view.style import DARK, LIGHT, PALETTE

CSS = (site.PAGE / "apps.css").read_text()
LIGHT_CSS, DARK_CSS = CSS.split("@media (prefers-color-scheme: dark)")[:2]
TECHNIQUES = ("short", "adaptive", "long", "sse", "websocket")


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_technique_has_the_colours_that_it_has_in_pictures(technique):
    assert f"--{technique}: {PALETTE[technique]};" in LIGHT_CSS
    assert f"--{technique}-text: {LIGHT.text[technique]}" in LIGHT_CSS
    assert f"--{technique}-text: {DARK.text[technique]}" in DARK_CSS


def test_paper_and_ink_are_those_of_pictures():
    for css, theme in ((LIGHT_CSS, LIGHT), (DARK_CSS, DARK)):
        assert f"--paper: {theme.paper}; --ink: {theme.ink};" in css


def test_no_page_asks_another_host_for_anything():
    for path in (Path(site.__file__).parent).rglob("*"):
        if path.suffix in (".html", ".css", ".js") and path.parent.name != "vendor":
            found = re.findall(
                r"""(?:src|href)="?(?:https?:)?//|@import "https?:|from "https?:""", path.read_text()
            )
            assert found == [], path


def test_what_is_vendored_has_its_licence_beside_it():
    assert "MIT License" in (site.PAGE / "vendor" / "uPlot.LICENSE.txt").read_text()
