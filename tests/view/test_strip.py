"""A strip for each technique: in words, in the frame, and only of what can be drawn."""

from dataclasses import replace
from math import nan

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from rtlab.errors import BadInput
from rtlab.view.strip import Strip, strips

SHORT = Strip("short", 0.54, (0.52, 0.56), 0.53, (0.51, 0.55), 0.041, 1.03, 1.04)
SSE = Strip("sse", 0.04, (0.04, 0.04), 0.0405, (0.0404, 0.0406), 0.0401, 0.045, 0.083)


def test_it_says_what_it_shows() -> None:
    said = strips([SHORT, SSE]).description
    assert "short polling: measured mean 530 ms, theory 540 ms, simulation 520 ms to 560 ms" in said
    assert "server-sent events" in said


def test_without_theory_and_simulation_it_says_what_was_measured() -> None:
    bare = replace(SHORT, predicted=nan, simulated=None, interval=(nan, nan))
    said = strips([bare]).description
    assert "measured mean 530 ms; events from 41 ms to 1.04 s" in said


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("rows", [[SHORT, SSE], [replace(SHORT, most=200.0)], [SSE]])
def test_all_words_are_in_the_frame(rows: list[Strip], dark: bool) -> None:
    figure = strips(rows, title="Latency", dark=dark).figure
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    frame = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent(canvas.get_renderer())
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert frame.y0 <= box.y0
        assert box.y1 <= frame.y1


@pytest.mark.parametrize("rows", [[], [replace(SHORT, mean=nan)], [replace(SHORT, technique="pigeon")]])
def test_what_cannot_be_drawn_is_refused(rows: list[Strip]) -> None:
    with pytest.raises(BadInput):
        strips(rows)
