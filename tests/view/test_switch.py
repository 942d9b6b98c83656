"""A switch: one picture at a time, drawn when it is chosen."""

import pytest

from rtlab.errors import BadInput
from rtlab.view.frontier import frontier
from rtlab.view.picture import Picture
from rtlab.view.switch import Switch

CURVE = [(0.5, 3.3), (4.0, 0.42)]


def draw(name: str) -> Picture:
    return frontier(CURVE, {name: [(1.0, 1.0)]}, title=name)


def test_it_shows_the_first_choice_and_then_what_is_chosen() -> None:
    switch = Switch("workload", ["calm", "storm"], draw)
    assert repr(switch) == "calm: fixed, calm"
    switch.choice = "storm"
    assert repr(switch) == "storm: fixed, storm"
    assert switch.picture.png != draw("calm").png


def test_without_a_kernel_it_displays_as_its_picture() -> None:
    switch = Switch("workload", ["calm", "storm"], draw)
    data, metadata = switch._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert metadata["image/png"]["alt"].startswith("A chart of mean latency")


def test_in_a_kernel_choosing_in_the_menu_changes_the_picture_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import IPython

    class Shell:
        kernel = True

    monkeypatch.setattr(IPython, "get_ipython", Shell)
    switch = Switch("workload", ["calm", "storm"], draw)
    menu, shown = switch.widget().children
    before = shown.value
    menu.value = "storm"
    assert shown.value == switch.picture.png != before
    assert switch.choice == "storm"


def test_what_is_no_choice_is_refused() -> None:
    with pytest.raises(BadInput, match="calm, storm"):
        Switch("workload", ["calm", "storm"], draw).choice = "fog"
    with pytest.raises(BadInput, match="calm, storm"):
        Switch("workload", ["calm", "storm"], draw, first="fog")
    with pytest.raises(BadInput, match="choose from"):
        Switch("workload", [], draw)
