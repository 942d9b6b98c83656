"""The waterfall of bytes, and a picture with knobs."""

import pytest

from rtlab.errors import BadInput
from rtlab.measure.cost import lubbers_greco, overhead_steps
from rtlab.view.knobs import Knobs
from rtlab.view.waterfall import waterfall


def test_the_published_ratio_shrinks_as_more_of_the_wire_is_counted():
    ratios = {step.name: step.ratio for step in overhead_steps(payload=0)}
    assert ratios["heads and frame"] == 871 / 2
    assert ratios["IP and TCP headers"] == (871 + 80) / (2 + 40)
    assert ratios["acknowledgements"] == 991 / 82


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("payload", [0, 100])
def test_the_last_step_agrees_with_the_arithmetic_of_the_table(payload, tls):
    last = overhead_steps(payload=payload, tls=tls)[-1]
    table = lubbers_greco(1, payload=payload, tls=tls, packets=True, acknowledgements=True)
    assert last.ratio == pytest.approx(table.ratio)


def test_a_connection_for_each_poll_costs_polling_alone():
    with_it, without = overhead_steps(keep_alive=False), overhead_steps()
    assert with_it[:-1] == without
    assert with_it[-1].polling - without[-1].polling == 7 * 40
    assert with_it[-1].websocket == without[-1].websocket


def test_the_picture_tells_each_step_in_words():
    description = waterfall(overhead_steps(payload=0)).description
    assert "heads and frame: polling 871 bytes, WebSocket 2, 436 to 1." in description


@pytest.mark.parametrize("steps", [[], [("a", 10, 10), ("b", 9, 11)]])
def test_steps_must_grow(steps):
    with pytest.raises(BadInput, match="only grow"):
        waterfall(steps)


def knobs(**more):
    return Knobs(lambda **v: waterfall(overhead_steps(**v)), payload=(0, 100, 1000), tls=False, **more)


def test_a_turned_knob_draws_the_picture_anew():
    picture = knobs()
    before = picture.picture.png
    assert "TLS" in picture.turn(tls=True).description
    assert picture.picture.png != before
    assert picture.values == {"payload": 100, "tls": True}


def test_without_a_kernel_the_picture_is_shown_alone():
    data, _metadata = knobs()._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}


@pytest.mark.parametrize("knob", [(5, 1, 9), [], "yes"])
def test_a_knob_that_cannot_be_turned_is_refused(knob):
    with pytest.raises(BadInput, match="least, value, most"):
        knobs(heads=knob)


def test_an_unknown_knob_is_named():
    with pytest.raises(BadInput, match="payload, tls"):
        knobs().turn(volume=11)
