"""The winner map's picture: areas, stripes, names, lines and dots."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from rtlab.errors import BadInput
from rtlab.view.chart_parts import Quantity
from rtlab.view.layout import Box
from rtlab.view.picture import Picture
from rtlab.view.regions import place
from rtlab.view.winner_map import AREA, STRIPE, _stripes, winner_map

RATES = [10.0**k for k in range(-3, 4)]
CLIENTS = [10.0**k for k in range(1, 6)]
WINNERS = [["sse"] * 4 + ["sse in batches"] * 3 for _ in range(4)] + [["none"] * 7]
SECONDS = [[None] * 3 + ["websocket"] + [None] * 3 for _ in CLIENTS]
X, Y = Quantity("events per second", log=True), Quantity("clients", log=True)


def draw(**other: object) -> Picture:
    return winner_map(RATES, CLIENTS, WINNERS, x=X, y=Y, **other)  # type: ignore[arg-type]


def words(picture: Picture) -> list[str]:
    return [text.get_text() for text in picture.figure.axes[0].texts]


@pytest.mark.parametrize("dark", [False, True])
def test_each_winner_is_named_in_its_region_and_nothing_runs_out(dark: bool) -> None:
    picture = draw(dark=dark, title="The least server CPU", seconds=SECONDS, confirmed=[(1, 100, "sse")])
    assert {"server-sent events", "none in time"} <= set(words(picture))
    renderer = FigureCanvasAgg(picture.figure).get_renderer()
    for text in picture.figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 1, text
        assert box.x1 <= picture.figure.bbox.width - 1, text


def test_a_name_that_fits_nowhere_stands_below_the_map() -> None:
    rates = [10.0 ** (k / 5) for k in range(20)]
    narrow = [["long"] + ["websocket"] * 19 for _ in CLIENTS]
    picture = winner_map(rates, CLIENTS, narrow, x=X, y=Y)
    below = next(text for text in picture.figure.axes[0].texts if text.get_text() == "long polling")
    assert below.get_position()[1] > AREA.bottom + 20
    assert "WebSocket" in words(picture)


def test_no_name_is_written_over_a_dot() -> None:
    columns, rows = [10.0 * n for n in range(31)], [10.0 * n for n in reversed(range(11))]
    region = {(j, i) for j in range(10) for i in range(30)}
    found = place(region, columns, rows, 80.0, 15.0, [])
    assert found is not None
    x, y = found
    beside = place(region, columns, rows, 80.0, 15.0, [(x + 30, y)])
    assert beside is not None
    assert abs(beside[0] - (x + 30)) > 40 or abs(beside[1] - y) > 7
    everywhere = [(5.0 * n, 5.0 * m) for n in range(60) for m in range(20)]
    assert place(region, columns, rows, 80.0, 15.0, everywhere) is None


def test_stripes_go_on_from_box_to_box() -> None:
    for box in (Box(0, 0, 30, 10), Box(30, 0, 60, 10), Box(0, 10, 30, 20)):
        for (x, y), (x2, y2) in _stripes(box):
            assert (x + y) % STRIPE == pytest.approx(0, abs=1e-9)
            assert x + y == pytest.approx(x2 + y2)
            assert box.left <= x < x2 <= box.right
            assert box.top <= y2 < y <= box.bottom


def test_the_words_say_who_wins_where() -> None:
    told = draw(seconds=SECONDS, crossover={"crossover": [(3, 10), (3, 1e5)]}, confirmed=[(1, 100, "sse")])
    assert "Server-sent events: 46% of the map, at events per second from 0.001 to 1." in told.description
    assert "In 14% of the map the error bars" in told.description
    assert "A line of theory: crossover." in told.description
    assert "Measured: server-sent events at 1, 100." in told.description
    assert repr(draw()) == "The winner map: server-sent events, server-sent events in batches, none in time"


def test_keys_are_explained_only_where_they_are_used() -> None:
    assert not any("perhaps" in word or "measured" in word for word in words(draw()))
    assert "perhaps as cheap: WebSocket" in words(draw(seconds=SECONDS))
    told = words(
        draw(confirmed=[(1, 100, "short"), (2, 100, "short")], crossover={"equal": [(3, 10), (3, 1e5)]})
    )
    assert told.count("measured: short polling") == 1
    assert "equal" in told


def test_a_key_that_is_too_long_for_one_row_goes_on_below() -> None:
    line = {"polling costs as much as a push for each event": [(3.0, 10.0), (3.0, 1e5)]}
    picture = draw(seconds=SECONDS, crossover=line, confirmed=[(1, 100, "short"), (2, 100, "websocket")])
    above = [
        text.get_position() for text in picture.figure.axes[0].texts if text.get_position()[1] < AREA.top - 20
    ]
    assert len({y for _, y in above}) == 2
    assert all(x < AREA.right for x, _ in above)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadInput, match="ascending"):
        winner_map([1, 1], CLIENTS, WINNERS, x=X, y=Y)
    with pytest.raises(BadInput, match="5 rows of 7"):
        winner_map(RATES, CLIENTS, WINNERS[:2], x=X, y=Y)
    with pytest.raises(BadInput, match="not a technique"):
        winner_map(RATES[:2], CLIENTS[:2], [["sse", "smoke"]] * 2, x=X, y=Y)
