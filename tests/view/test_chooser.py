"""The chooser's picture: the choice, its reasons, a table that runs into nothing; and sliders with steps."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from rtlab.errors import BadInput
from rtlab.view.chooser import Row, chooser
from rtlab.view.knobs import Knobs, Steps
from rtlab.view.picture import Picture

COLUMNS = ("latency, s", "money, a month")
ROWS = [
    Row("sse in batches", ("0.04", "25")),
    Row("websocket", ("0.04", "1,230,000"), "something on the way strips Upgrade"),
    Row("push", ("no promise", "91"), "not needed here"),
]
REASONS = ["It keeps the budget. " * 12, "It is the cheapest."]


@pytest.mark.parametrize("dark", [False, True])
def test_no_words_run_into_others_or_out(dark: bool) -> None:
    figure = chooser("sse in batches", REASONS, COLUMNS, ROWS, dark=dark).figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.axes[0].texts]
    for (one, here), (other, there) in combinations(boxes, 2):
        assert Bbox.intersection(here.padded(-1), there.padded(-1)) is None, f"{one!r} and {other!r}"
    for text, box in boxes:
        assert box.x0 >= 1, text
        assert box.x1 <= figure.bbox.width - 1, text
        assert box.y0 >= 0, text


def test_the_words_have_every_figure_and_who_was_ruled_out() -> None:
    picture = chooser("sse in batches", REASONS[1:], COLUMNS, ROWS)
    assert repr(picture) == "The choice: server-sent events in batches"
    assert "It is the cheapest." in picture.description
    assert "WebSocket: latency, s 0.04; money, a month 1,230,000. Ruled out: something" in picture.description


def test_nothing_may_do() -> None:
    assert repr(chooser("none", ["Nothing is quick enough."], COLUMNS, ROWS)) == "The choice: nothing will do"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadInput, match="1 figures for 2 columns"):
        chooser("sse", [], COLUMNS, [Row("sse", ("1",))])
    with pytest.raises(BadInput, match="not a technique"):
        chooser("smoke", [], COLUMNS, ROWS)


def test_steps_are_a_slider_that_stands_where_it_is_told() -> None:
    seen: list[str] = []

    def draw(rate: str) -> Picture:
        seen.append(rate)
        return chooser("sse", [rate], COLUMNS, ROWS)

    knobs = Knobs(draw, rate=Steps(["low", "middle", "high"], "middle"))
    knobs.turn(rate="high")
    assert seen == ["middle", "high"]
    with pytest.raises(BadInput, match="not one of the steps"):
        Steps(["low"], "high")
