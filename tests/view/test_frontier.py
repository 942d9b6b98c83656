"""The frontier's picture: curve, spots, key and words."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from rtlab.errors import BadInput
from rtlab.view.frontier import AREA, Scale, frontier
from rtlab.view.picture import Picture

CURVE = [(0.5, 3.3), (1.0, 1.67), (2.0, 0.83), (4.0, 0.42)]
POLICIES = {
    "back-off": [(2.8, 1.2), (1.4, 2.0)],
    "AIMD": [(3.0, 0.68)],
    "follow the rate": [(2.0, 0.88)],
    "told by the server": [(0.9, 2.2)],
}


def draw(**other: object) -> Picture:
    return frontier(CURVE, POLICIES, **other)  # type: ignore[arg-type]


def words(picture: Picture) -> list[str]:
    return [text.get_text() for text in picture.figure.axes[0].texts]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("yours", [(), ((1.2, 0.6),)])
def test_no_words_run_into_others_or_out(dark: bool, yours: tuple[tuple[float, float], ...]) -> None:
    figure = draw(dark=dark, yours=yours, title="Poisson events: nothing beats a fixed interval").figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.axes[0].texts]
    for (one, here), (other, there) in combinations(boxes, 2):
        assert Bbox.intersection(here.padded(-0.5), there.padded(-0.5)) is None, f"{one!r} and {other!r}"
    for text, box in boxes:
        assert box.x0 >= 1, text
        assert box.x1 <= figure.bbox.width - 1, text


def test_everybody_is_in_the_key_and_yours_only_when_there_is_one() -> None:
    assert {"fixed", *POLICIES} <= set(words(draw()))
    assert "yours" not in words(draw())
    assert "yours" in words(draw(yours=[(1.0, 1.0)]))
    assert repr(draw(title="Bursts", yours=[(1.0, 1.0)])).endswith("told by the server, yours")


def test_what_is_better_than_fixed_is_drawn_below_the_curve() -> None:
    picture = frontier(CURVE, {"better": [(1.0, 1.0)], "worse": [(1.0, 2.5)]})
    markers = [line for line in picture.figure.axes[0].lines if line.get_marker() in "os"]
    (_, better), (_, worse) = (line.get_xydata()[0] for line in markers[:2])
    middle = Scale(0.42 / 1.25, 3.3 * 1.15, AREA.bottom, AREA.top).at(1.67)
    assert worse < middle < better  # the sheet's heights grow downwards


def test_pictures_of_one_frame_have_the_same_axes() -> None:
    frame = [(0.2, 9.0), (9.0, 0.1)]
    one, other = (frontier(CURVE, {"a": [spot]}, frame=frame) for spot in ((1.0, 1.0), (2.0, 0.3)))
    numbers = [[word for word in words(picture) if word[0].isdigit()] for picture in (one, other)]
    assert numbers[0] == numbers[1]


def test_the_words_say_where_everything_stands() -> None:
    told = draw(yours=[(1.25, 0.5)]).description
    assert "from 3.3 s at 0.5 to 0.42 s at 4" in told
    assert "AIMD: 0.68 s at 3." in told
    assert "Yours: 0.5 s at 1.25." in told


def test_a_scale_has_ticks_at_round_numbers() -> None:
    scale = Scale(0.4, 21.0, 0.0, 100.0)
    assert scale.ticks() == [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
    assert scale.at(0.4) == 0.0
    assert scale.at(21.0) == pytest.approx(100.0)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(BadInput, match="two spots"):
        frontier(CURVE[:1], {})
    with pytest.raises(BadInput, match="above 0"):
        frontier(CURVE, {"a": [(0.0, 1.0)]})
