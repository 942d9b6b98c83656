"""Charts beside each other: the same scales, every chart named, and no words in the way of others."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from rtlab.errors import BadInput
from rtlab.view.chart_parts import Measurement, Part, Quantity, Simulation, Theory
from rtlab.view.panels import panels
from rtlab.view.picture import Picture

WHEN, LATENCY = Quantity("when the event happens", "s"), Quantity("latency", "ms")
PERIODIC: list[Part] = [Measurement("short", [0, 1, 2], [90, 90, 90]), Theory("short", [0, 2], [165, 165])]
POISSON: list[Part] = [
    Measurement("short", [0.2, 0.9, 2.5], [50, 288, 120]),
    Measurement("long", [0.2, 0.9, 2.5], [40, 41, 77]),
    Simulation("short", [0.0, 2.0], [150, 150], [180, 180]),
]
CHARTS = {"periodic": PERIODIC, "Poisson": POISSON, "periodic, again": PERIODIC, "and Poisson": POISSON}


def draw(charts: dict[str, list[Part]] = CHARTS, **other: object) -> Picture:
    return panels(charts, across=WHEN, up=LATENCY, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("title", [None, "Two arrivals, side by side"])
def test_no_words_run_into_others_or_out(dark: bool, columns: int, title: str | None) -> None:
    figure = draw(columns=columns, title=title, dark=dark).figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = [*figure.axes[0].texts]
    for plot in figure.axes[1:]:
        for axis in (plot.xaxis, plot.yaxis):
            low, high = sorted(axis.get_view_interval())
            if not any(label.get_visible() for label in axis.get_majorticklabels()):
                continue
            ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
            texts += [label for at, label in ticks if low <= at <= high]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text()]
    for (one, here), (other, there) in combinations(boxes, 2):
        assert Bbox.intersection(here.padded(-0.5), there.padded(-0.5)) is None, f"{one!r} and {other!r}"
    for text, box in boxes:
        assert box.x0 >= 1, text
        assert box.x1 <= figure.bbox.width - 1, text
        assert box.y0 >= 1, text
        assert box.y1 <= figure.bbox.height - 1, text


def test_all_charts_have_the_same_scales() -> None:
    plots = draw().figure.axes[1:]
    assert len(plots) == len(CHARTS)
    assert len({plot.get_xlim() for plot in plots}) == len({plot.get_ylim() for plot in plots}) == 1
    assert plots[0].get_ylim()[0] == 0
    assert plots[0].get_ylim()[1] >= 288
    assert plots[0].get_xlim()[1] >= 2.5


def test_numbers_stand_only_at_the_left_and_below() -> None:
    plots = draw().figure.axes[1:]
    left = [plot.yaxis.get_tick_params()["labelleft"] for plot in plots]
    below = [plot.xaxis.get_tick_params()["labelbottom"] for plot in plots]
    assert left == [True, False, True, False]
    assert below == [False, False, True, True]
    assert draw(dict(list(CHARTS.items())[:3])).figure.axes[2].xaxis.get_tick_params()["labelbottom"]


def test_every_chart_and_every_curve_is_named_once() -> None:
    words = [text.get_text() for text in draw(title="Two arrivals").figure.axes[0].texts]
    for name in (
        "Two arrivals",
        *CHARTS,
        "short polling",
        "long polling",
        "theory",
        "measurement",
        "simulation",
    ):
        assert words.count(name) == 1, name


def test_the_description_tells_each_chart_and_the_summary_names_them() -> None:
    picture = draw(title="Two arrivals")
    assert repr(picture) == "Two arrivals: periodic, Poisson, periodic, again, and Poisson"
    assert "periodic. A chart of latency, ms, over when the event happens, s." in picture.description
    assert "Long polling: measurement 40 ms at 0.2 s, 77 ms at 2.5 s." in picture.description


@pytest.mark.parametrize(
    ("charts", "columns", "said"),
    [
        ({}, 2, "nothing to draw"),
        ({"a": []}, 2, "nothing to draw"),
        ({"a": PERIODIC}, 0, "columns=0"),
        ({"a": [Theory("fast", [1], [1])]}, 2, "not a technique"),
    ],
)
def test_what_cannot_be_drawn_is_said(charts: dict[str, list[Part]], columns: int, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        draw(charts, columns=columns)
