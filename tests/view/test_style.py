import matplotlib
import pytest

from rtlab.errors import BadInput
from rtlab.technique import NAMES
from rtlab.view import style
from rtlab.view.style import DARK, LIGHT, PALETTE, STYLESHEET, Theme


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_what_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_all_words_stand_out_from_the_ground(theme: Theme):
    for colour in (theme.ink, theme.quiet_text, *theme.text.values()):
        assert contrast(colour, theme.paper) >= 4.5, colour


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_techniques_can_be_told_from_the_ground(theme: Theme):
    for colour in PALETTE.values():
        assert contrast(colour, theme.paper) >= 2.2, colour


def test_every_technique_has_a_name_and_all_its_colours():
    assert list(NAMES) == list(PALETTE) == list(LIGHT.text) == list(DARK.text)
    assert style.known("sse") == "sse"


def test_an_unknown_technique_is_answered_with_the_list():
    with pytest.raises(BadInput, match="'polling' is not a technique: use one of short, adaptive, long"):
        style.known("polling")


def test_matplotlib_accepts_the_settings():
    with matplotlib.rc_context(style.rc(DARK)):
        assert matplotlib.rcParams["figure.facecolor"] == DARK.paper


def test_the_stylesheet_touches_only_its_own():
    flat = STYLESHEET.replace("@media (prefers-color-scheme:dark){", "").replace("}}", "}")
    selectors = [
        one for rule in flat.split("}") if rule.strip() for one in rule.partition("{")[0].strip().split(",")
    ]
    assert len(selectors) > 10
    assert all(".rtlab" in selector for selector in selectors)


def test_the_stylesheet_follows_the_system_and_the_notebook():
    assert "prefers-color-scheme:dark" in STYLESHEET
    assert "[data-jp-theme-light=true] .rtlab" in STYLESHEET
    assert "[data-jp-theme-light=false] .rtlab" in STYLESHEET
    assert STYLESHEET.count("{") == STYLESHEET.count("}")
