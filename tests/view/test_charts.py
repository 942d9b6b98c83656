from itertools import combinations
from math import nan

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.transforms import Bbox

from rtlab.errors import BadInput
from rtlab.view.charts import Line, Measurement, Part, Quantity, Simulated, Simulation, Theory, chart
from rtlab.view.layout import spread
from rtlab.view.picture import Picture
from rtlab.view.style import DARK, LIGHT, PALETTE, SHADES

RATE = Quantity("event rate", "events/s", log=True)
LATENCY = Quantity("mean latency", "ms")
X = [0.1, 1.0, 10.0]
PARTS: list[Part] = [
    Theory("short", X, [290, 290, 290]),
    Simulation("short", X, [280, 280, 280], [300, 300, 300]),
    Measurement("short", X, [291, 288, 293], [285, 280, 290], [297, 296, 296]),
    Theory("long", X, [40, 45, 70]),
    Measurement("long", X, [41, 46, 71]),
    Theory("sse", X, [40, 40, 40]),
    Theory("websocket", X, [40, 40, 40]),
]


def draw(parts: list[Part] = PARTS, **other: object) -> Picture:
    return chart(parts, across=RATE, up=LATENCY, **other)


def words(picture: Picture) -> list[str]:
    return [text.get_text() for text in picture.figure.axes[0].texts]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("up", [LATENCY, Quantity("latency", "ms", log=True)])
@pytest.mark.parametrize("title", [None, "Latency over the event rate"])
def test_no_words_run_into_others_or_out(dark: bool, up: Quantity, title: str | None):
    figure = chart(PARTS, across=RATE, up=up, title=title, dark=dark).figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    plot = figure.axes[1]
    texts = [*figure.axes[0].texts]
    for axis in (plot.xaxis, plot.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
        texts += [label for at, label in ticks if low <= at <= high]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text()]
    assert len(boxes) > 12
    for (one, here), (other, there) in combinations(boxes, 2):
        assert Bbox.intersection(here.padded(-0.5), there.padded(-0.5)) is None, (
            f"{one!r} runs into {other!r}"
        )
    for text, box in boxes:
        assert box.x0 >= 1, text
        assert box.x1 <= figure.bbox.width - 1, text
        assert box.y0 >= 1, text
        assert box.y1 <= figure.bbox.height - 1, text


def test_theory_is_a_line_simulation_a_band_and_measurement_dots():
    plot = draw(PARTS[:3]).figure.axes[1]
    line, dots = plot.lines
    assert (line.get_linestyle(), line.get_marker()) == ("-", "none")
    assert (dots.get_linestyle(), dots.get_marker()) == ("None", "o")
    band, intervals = plot.collections
    assert isinstance(intervals, LineCollection)
    for colour in (line.get_color(), dots.get_markerfacecolor(), band.get_facecolor()[0][:3]):
        assert to_hex(colour) == PALETTE["short"].lower()


def test_the_legend_names_the_kinds_that_are_there():
    assert {"theory", "simulation", "measurement"} <= set(words(draw()))
    assert not {"simulation", "measurement"} & set(words(draw([PARTS[0]])))


def test_a_line_that_claims_nothing_is_drawn_and_named_and_not_called_theory():
    picture = draw([Line("sse", X, [90, 90, 90], "raise"), *PARTS[2:3]])
    assert "raise" in words(picture)
    assert "theory" not in words(picture)
    assert "Raise: line 90 ms at 0.1 events/s" in picture.description


def test_every_curve_is_named_once_and_the_axes_have_units():
    told = words(draw(title="Latency"))
    for name in ("short polling", "long polling", "server-sent events", "WebSocket", "Latency"):
        assert told.count(name) == 1
    assert "mean latency, ms" in told
    assert "event rate, events/s" in told
    assert "my policy" in words(draw([Theory("adaptive", X, X, name="my policy")]))


def test_a_name_stands_at_the_height_of_its_curve():
    picture = draw(PARTS[:4])
    plot, sheet = picture.figure.axes[1], picture.figure.axes[0]
    end = plot.transData.transform((10, 290))[1]
    (name,) = (text for text in sheet.texts if text.get_text() == "short polling")
    assert picture.figure.bbox.height - name.get_position()[1] == pytest.approx(end)


def test_a_linear_scale_begins_at_zero():
    assert draw().figure.axes[1].get_ylim()[0] == 0
    below = chart([Theory("long", X, [-1, 0, 1])], across=RATE, up=LATENCY)
    assert below.figure.axes[1].get_ylim()[0] < -1


def test_what_is_not_a_number_leaves_a_hole():
    assert draw([Theory("long", X, [40, nan, 70]), Theory("sse", X, [nan, nan, nan])]).png


def test_the_description_says_where_each_curve_begins_and_ends():
    picture = draw(title="Latency")
    assert picture.description.startswith(
        "A chart of mean latency, ms, over event rate, events/s on a logarithmic scale."
    )
    assert (
        "Long polling: theory 40 ms at 0.1 events/s, 70 ms at 10 events/s; measurement 41 ms"
        in picture.description
    )
    assert "simulation 280 to 300 ms at 0.1 events/s" in picture.description
    assert picture.summary == "Latency: short polling, long polling, server-sent events, WebSocket"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], "nothing to draw"),
        ([Theory("long", [], [])], "nothing to draw"),
        ([Theory("fast", X, X)], "'fast' is not a technique"),
        ([Theory("long", X, [1])], "theory of long: all must be of one length"),
        ([Simulation("long", X, X, [1])], "simulation of long"),
    ],
)
def test_what_cannot_be_drawn_is_said(parts: list[Part], said: str):
    with pytest.raises(BadInput, match=said):
        draw(parts)


def test_settings_of_others_do_not_change_it():
    plain = draw().png
    loud = {
        "axes.grid": False,
        "xtick.direction": "in",
        "axes.facecolor": "red",
        "axes.spines.left": True,
        "font.family": "DejaVu Serif",
        "axes.xmargin": 0.5,
        "lines.linewidth": 9,
        "xtick.top": True,
    }
    with matplotlib.rc_context(loud):
        assert draw().png == plain


@pytest.mark.parametrize(
    ("heights", "placed"),
    [([], []), ([5], [5]), ([5, 6], [5, 15]), ([95, 96], [90, 100]), ([0, 50, 99], [0, 50, 99]), ([-5], [0])],
)
def test_labels_move_apart_as_little_as_needed(heights: list[float], placed: list[float]):
    assert spread(heights, 10, 0, 100) == placed


def test_dots_out_of_a_simulation_are_not_called_measured() -> None:
    picture = chart(
        [Simulated("short", [0.0, 1.0], [1.0, 2.0])], across=Quantity("time", "s"), up=Quantity("wait", "s")
    )
    assert "in virtual time 1 s at 0 s" in picture.description
    assert "measurement" not in picture.description
    words = [text.get_text() for text in picture.figure.findobj(lambda part: hasattr(part, "get_text"))]
    assert "in virtual time" in words
    assert "measurement" not in words


def test_arrays_are_drawn_as_lists_are() -> None:
    def arrays(part: Part) -> Part:
        return type(part)(*[np.array(x) if isinstance(x, list) else x for x in vars(part).values()])

    assert draw([arrays(part) for part in PARTS]).description == draw().description


@pytest.mark.parametrize("dark", [False, True])
def test_a_curve_that_is_no_techniques_is_drawn_in_a_shade_and_has_a_name(dark: bool):
    shades: list[Part] = [Theory(shade, X, [n, n, n], name=f"load {n}") for n, shade in enumerate(SHADES, 1)]
    picture = draw(shades, dark=dark)
    theme = DARK if dark else LIGHT
    colours = [line.get_color() for line in picture.figure.axes[1].lines]
    assert colours == [theme.ink, theme.quiet_text, theme.quiet]
    assert {"load 1", "load 2", "load 3"} <= set(words(picture))
    with pytest.raises(BadInput, match="belongs to no technique: give it a name"):
        draw([Theory("ink", X, X)])


def test_a_dot_on_the_baseline_is_whole_and_the_rims_of_many_leave_the_others_to_be_seen():
    def size(number: int) -> float:
        (dots,) = draw([Measurement("short", range(1, number + 1), [0.0] * number)]).figure.axes[1].lines
        assert not dots.get_clip_on()
        return float(dots.get_markersize())

    assert size(100) < size(50)
