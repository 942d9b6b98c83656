"""The diagram as drawn: what is on it, where it is, and that nothing runs into anything else."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from types import SimpleNamespace

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from rtlab.view.picture import Picture
from rtlab.view.space_time import space_time
from rtlab.view.strokes import Lane
from rtlab.view.style import DARK, LIGHT, PALETTE

MS = 1_000_000


def texts(picture: Picture) -> list[Text]:
    return [text for text in picture.figure.axes[0].texts if text.get_text()]


def words(picture: Picture) -> list[str]:
    return [text.get_text() for text in texts(picture)]


def extents(picture: Picture) -> list[tuple[str, Bbox]]:
    renderer = FigureCanvasAgg(picture.figure).get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts(picture)]


def count_paths(picture: Picture, kind: type, colour: str) -> int:
    """How many lines or shapes there are in a colour."""
    found = 0
    for collection in picture.figure.axes[0].collections:
        if type(collection) is kind:
            colours = collection.get_colors() if kind is LineCollection else collection.get_facecolor()
            if any(to_hex(one[:3]) == colour.lower() for one in colours):
                found += len(collection.get_paths())
    return found


@pytest.fixture(
    scope="module",
    params=["five", "five dark", "one", "two", "eight", "tiny delay", "many", "burst", "no events", "names"],
)
def picture(
    request: pytest.FixtureRequest, trace: SimpleNamespace, appends: dict[str, int], many: dict[str, int]
):
    """All the cases in which a diagram must stay legible."""
    burst = {f"a.{n}": 1_000 * MS + n * MS for n in range(200)}
    labels = dict.fromkeys(appends, "a goal after a long and winding attack")
    match request.param:
        case "five":
            return space_time(trace.five_lanes(appends), appends, title="Five ways", delay=0.1)
        case "five dark":
            return space_time(trace.five_lanes(appends), appends, dark=True)
        case "one":
            return space_time([Lane("long", trace.long_polling(appends))], appends, delay=0.1)
        case "two":
            lanes = [Lane("websocket", trace.websocket(appends)), Lane("sse", trace.streaming(appends))]
            return space_time(
                lanes, appends, title="A title that is so long that it needs the whole width " * 2
            )
        case "eight":
            return space_time((trace.five_lanes(appends) * 2)[:8], appends)
        case "tiny delay":
            return space_time(trace.five_lanes(appends, 0.5), appends, delay=0.0005)
        case "many":
            return space_time(trace.five_lanes(many, 20), many, delay=0.02)
        case "burst":
            return space_time(
                [Lane("short", trace.polling(burst)), Lane("sse", trace.streaming(burst))], burst
            )
        case "no events":
            return space_time(trace.five_lanes({}), {})
        case _:
            lanes = [Lane("short", trace.polling(appends), labels, "a lane with quite a long name " * 2)] * 5
            return space_time(lanes, appends, delay=0.1)


class TestLegibility:
    def test_no_words_run_into_others(self, picture: Picture):
        for (one, here), (other, there) in combinations(extents(picture), 2):
            overlap = Bbox.intersection(here.padded(-0.5), there.padded(-0.5))
            assert overlap is None, f"{one!r} runs into {other!r}"

    def test_all_words_are_inside_the_figure(self, picture: Picture):
        width, height = picture.figure.bbox.size
        for text, box in extents(picture):
            assert box.x0 >= 2, text
            assert box.y0 >= 2, text
            assert box.x1 <= width - 2, text
            assert box.y1 <= height - 2, text

    def test_no_words_are_smaller_than_nine_points(self, picture: Picture):
        assert min(text.get_fontsize() for text in texts(picture)) >= 9

    def test_all_marks_are_inside_the_figure(self, picture: Picture):
        renderer = FigureCanvasAgg(picture.figure).get_renderer()
        width, height = picture.figure.bbox.size
        axes = picture.figure.axes[0]
        for artist in (*axes.collections, *axes.lines):
            box = artist.get_tightbbox(renderer)
            if box is not None:
                assert box.x0 >= -1
                assert box.x1 <= width + 1
                assert box.y0 >= -1
                assert box.y1 <= height + 1


class TestContents:
    def test_five_lanes_fit_a_notebook(self, trace: SimpleNamespace, appends: dict[str, int]):
        width, height = space_time(trace.five_lanes(appends), appends, title="t").figure.get_size_inches()
        assert width == 12
        assert 6.5 <= height <= 7.6

    def test_every_event_has_its_dot_label_and_bar(self, trace: SimpleNamespace, appends: dict[str, int]):
        picture = space_time([Lane("sse", trace.streaming(appends))], appends)
        (dots,) = (line for line in picture.figure.axes[0].lines if len(line.get_xdata()) == 5)
        assert len(set(dots.get_xdata())) == 1
        assert words(picture).count("3") == 1
        bars, field, heads = 5, 1, 5
        assert count_paths(picture, PolyCollection, PALETTE["sse"]) == bars + field + heads

    def test_arrows_are_slanted_by_the_delay(self, trace: SimpleNamespace):
        one = [trace.message("event", "down", 100, 300, "event", events=("a.1",))]
        picture = space_time([Lane("sse", one)], {"a.1": 100 * MS}, since=0, until=400 * MS)
        (shaft,) = (
            collection.get_segments()[0]
            for collection in picture.figure.axes[0].collections
            if isinstance(collection, LineCollection)
            and to_hex(collection.get_colors()[0]) == PALETTE["sse"].lower()
        )
        (server, left), (client, almost) = shaft
        assert client < server
        assert left < almost  # downwards: later

    def test_the_figures_stand_under_the_picture(self, trace: SimpleNamespace, appends: dict[str, int]):
        told = words(space_time(trace.five_lanes(appends), appends))
        assert told.count("376 ms mean latency") == 2  # short, and adaptive with the same trace
        assert told.count("100 ms mean latency") == 2
        assert "1.6 requests an event" in told
        assert "4 empty answers" in told

    def test_the_legend_explains_what_is_there_and_nothing_else(
        self, trace: SimpleNamespace, appends: dict[str, int]
    ):
        polls = words(space_time([Lane("short", trace.polling(appends))], appends))
        assert {"asks", "empty answer", "carries events", "an event happens"} <= set(polls)
        assert not {"an open stream", "a request is held", "the client sends", "cut"} & set(polls)
        sockets = words(space_time([Lane("websocket", trace.websocket(appends))], appends))
        assert {"an open stream", "the client sends", "heartbeat"} <= set(sockets)
        assert "empty answer" not in sockets
        held = words(space_time([Lane("long", trace.long_polling(appends))], appends))
        assert "a request is held" in held

    def test_a_part_of_the_record_can_be_looked_at(self, trace: SimpleNamespace, appends: dict[str, int]):
        picture = space_time(
            [Lane("sse", trace.streaming(appends))], appends, since=1200 * MS, until=1700 * MS
        )
        told = words(picture)
        assert "2" in told
        assert "4" not in told
        assert "time, ms" in told
        assert "Server-sent events: 2 events arrived after 100 ms on average" in picture.description

    def test_a_lane_shows_the_events_that_concern_it(self, trace: SimpleNamespace, appends: dict[str, int]):
        first = dict.fromkeys(list(appends)[:2], "kick-off")
        picture = space_time([Lane("sse", trace.streaming(appends), first)], appends)
        assert words(picture).count("kick-off") == 2
        assert "4" not in words(picture)

    def test_a_cut_and_a_gap_are_named(self, trace: SimpleNamespace):
        messages = [
            trace.message("response", "down", 100, 200, "200", technique="sse"),
            trace.message("close", "down", 500, 600, "rst"),
            trace.message("request", "up", 1500, 1600, "GET /channels/news/stream", connection=2),
            trace.message("response", "down", 1600, 1700, "503", connection=2),
            trace.message("event", "down", 2500, 2600, "gap", connection=3),
        ]
        for lanes in ([Lane("sse", messages)], [Lane("sse", messages)] * 5):
            picture = space_time(lanes, {})
            assert {"cut", "gap", "events were missed", "200, open", "503"} <= set(words(picture))
            assert "1 cut connection, 1 gap" in picture.description

    def test_an_empty_record_is_a_clear_note(self):
        picture = space_time([], {}, title="Before")
        assert words(picture)[:2] == ["Before", "Nothing crossed the wire yet, and no event was appended."]
        assert picture.description.endswith("no event was appended.")
        assert space_time([Lane("sse", [])], {}).figure.get_size_inches()[1] < 1.5

    def test_an_empty_lane_says_so(self, trace: SimpleNamespace, appends: dict[str, int]):
        picture = space_time([Lane("short", []), Lane("sse", trace.streaming(appends))], appends)
        assert words(picture).count("nothing recorded") == 1

    def test_odd_labels_do_no_harm(self, trace: SimpleNamespace):
        labels = {"a.1": "cost: $5 and $6", "a.2": "漢字 ✓", "a.3": "two\nlines\x00", "a.4": ""}
        when = {id: n * 300 * MS for n, id in enumerate(labels, 1)}
        picture = space_time([Lane("sse", trace.streaming(when), labels)], when)
        assert picture.png  # no warning for a shape that the font lacks
        assert any(word.startswith("cost: $") for word in words(picture))


class TestPicture:
    def test_a_notebook_gets_a_png_with_alternative_text(
        self, trace: SimpleNamespace, appends: dict[str, int]
    ):
        picture = space_time(trace.five_lanes(appends), appends, title="Five ways", delay=0.1)
        data, metadata = picture._repr_mimebundle_()
        assert data["image/png"].startswith(b"\x89PNG")
        assert len(data["image/png"]) < 120_000
        assert metadata["image/png"]["alt"] == picture.description
        assert metadata["image/png"]["width"] == 12 * 96
        for sentence in (
            "Five ways: a space-time diagram of 3.9 s",
            "The one-way delay is 100 ms.",
            "Short polling: 5 events arrived after 376 ms on average, 8 requests, 4 empty answers, 1,600 bytes",
        ):
            assert sentence in picture.description

    def test_its_text_holds_no_measured_figure(self, trace: SimpleNamespace, appends: dict[str, int]):
        data, _ = space_time(trace.five_lanes(appends), appends, title="Five ways")._repr_mimebundle_()
        assert data["text/plain"] == (
            "Five ways: short polling, adaptive polling, long polling, server-sent events, WebSocket"
        )

    def test_the_same_record_gives_the_same_bytes(self, trace: SimpleNamespace, appends: dict[str, int]):
        one, other = (space_time(trace.five_lanes(appends), appends).png for _ in range(2))
        assert one == other

    @pytest.mark.parametrize(
        ("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")]
    )
    def test_it_can_be_saved(
        self, tmp_path, trace: SimpleNamespace, appends: dict[str, int], name: str, start: bytes
    ):
        space_time([Lane("sse", trace.streaming(appends))], appends).save(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)

    @pytest.mark.parametrize(("dark", "theme"), [(False, LIGHT), (True, DARK)])
    def test_it_stands_on_its_own_ground(
        self, trace: SimpleNamespace, appends: dict[str, int], dark: bool, theme: object
    ):
        picture = space_time([Lane("sse", trace.streaming(appends))], appends, dark=dark)
        assert to_hex(picture.figure.get_facecolor()) == theme.paper

    def test_settings_of_others_do_not_change_it(self, trace: SimpleNamespace, appends: dict[str, int]):
        lanes = trace.five_lanes(appends)
        plain = space_time(lanes, appends).png
        loud = {
            "savefig.bbox": "tight",
            "savefig.dpi": 30,
            "savefig.facecolor": "red",
            "savefig.transparent": True,
            "figure.constrained_layout.use": True,
            "figure.facecolor": "red",
            "axes.facecolor": "red",
            "font.family": "DejaVu Serif",
            "text.color": "red",
            "lines.linewidth": 9,
            "axes.grid": True,
        }
        with matplotlib.rc_context(loud):
            assert space_time(lanes, appends).png == plain


class TestHousekeeping:
    def test_nothing_is_left_of_a_picture(self, trace: SimpleNamespace, appends: dict[str, int]):
        lanes = [Lane("sse", trace.streaming(appends))]
        figures = []
        for _ in range(3):
            picture = space_time(lanes, appends)
            assert picture.png
            figures.append(weakref.ref(picture.figure))
        del picture
        gc.collect()
        assert not any(figure() for figure in figures)

    def test_pyplot_is_not_told(self, trace: SimpleNamespace, appends: dict[str, int]):
        from matplotlib import _pylab_helpers

        before = len(_pylab_helpers.Gcf.figs)
        assert space_time(trace.five_lanes(appends), appends).png
        assert len(_pylab_helpers.Gcf.figs) == before

    def test_threads_may_draw_at_once(self, trace: SimpleNamespace, appends: dict[str, int]):
        def draw(_: int) -> bytes:
            return space_time(trace.five_lanes(appends), appends, title="Five ways").png

        with ThreadPoolExecutor(4) as threads:
            assert len(set(threads.map(draw, range(4)))) == 1
