"""Words beside an arrow: clear of it, of other arrows, of other words and of what stands there."""

import pytest

from rtlab.view.arrows import Arrow
from rtlab.view.beside import beside
from rtlab.view.layout import Box

FALLS, RISES = Arrow("asks", (0, 0), (170, 12)), Arrow("asks", (170, 0), (0, 12))


def lines(*arrows):
    return [(arrow.start, arrow.tip) for arrow in arrows]


@pytest.mark.parametrize("arrow", [FALLS, RISES, Arrow("asks", (5, 5), (5, 5))])
def test_words_stand_above_their_arrow_and_clear_of_it(arrow):
    box = beside(arrow, 50, lines(arrow), [])
    assert box.bottom < max(arrow.start[1], arrow.tip[1])
    assert not box.crosses(arrow.start, arrow.tip)


def test_words_stand_nearer_to_the_tip_where_all_is_free():
    box = beside(FALLS, 50, lines(FALLS), [])
    assert (box.left + box.right) / 2 == pytest.approx(0.6 * 170)


def test_an_answer_and_the_question_after_it_have_their_words_clear_of_both():
    answer, question = RISES, Arrow("asks", (0, 12), (170, 24))
    both, words = lines(answer, question), []
    for arrow in (answer, question):
        words.append(beside(arrow, 70, both, words))
    assert not any(box.crosses(*line) for box in words for line in both)


def test_words_keep_away_from_what_stands_there():
    bars = [Box(60, -20, 170, 5)]
    box = beside(FALLS, 40, lines(FALLS), [], bars)
    assert not box.meets(bars[0])


def test_words_never_meet_words_though_there_is_no_room():
    words = []
    for _ in range(20):
        words.append(beside(FALLS, 160, lines(FALLS), words))
    assert not any(one.meets(other) for number, one in enumerate(words) for other in words[:number])
