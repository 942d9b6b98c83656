"""Whoever knows the same operations has the same text, in whatever order they came."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.apps.text.operations import HEAD, Delete, Id, Insert, decode, encode, fold
from rtlab.apps.text.replica import Replica

from .histories import SITES, History, random_history

WHO = st.integers(0, len(SITES) - 1)
WHERE = st.floats(0, 1)
TEXT = st.text("abxé€😀\n", min_size=1, max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), WHO, WHERE, TEXT),
        st.tuples(st.just("delete"), WHO, WHERE, st.integers(1, 3)),
        st.tuples(st.just("listen"), WHO, st.integers(1, 10)),
    ),
    max_size=25,
)
QUICK = settings(max_examples=60, deadline=None)


def played(steps):
    history = History()
    for deed, *arguments in steps:
        getattr(history, deed)(*arguments)
    return history


@QUICK
@given(STEPS)
def test_all_read_the_same_when_all_have_heard_all(steps):
    assert len(set(played(steps).texts())) == 1


@QUICK
@given(STEPS, st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_and_repetition_of_what_arrives_make_no_difference(steps, chance, times):
    history = played(steps)
    wanted, *_ = history.texts()
    arriving = history.told * times
    chance.shuffle(arriving)
    late = Replica("late")
    for operation in arriving:
        late.apply(operation)
    assert (late.text, late.waiting) == (wanted, 0)
    assert [letter.id for letter in late] == [letter.id for letter in history.replicas[0]]


@QUICK
@given(STEPS)
def test_fewer_operations_say_the_same_and_so_does_the_whole(steps):
    history = played(steps)
    wanted, *_ = history.texts()
    for operations in (fold(history.told), history.replicas[1].operations()):
        copy = Replica("late")
        for operation in operations:
            assert copy.waiting == 0, "each comes behind what it builds on"
            copy.apply(operation)
        assert copy.text == wanted
        assert copy.operations() == history.replicas[0].operations()


@QUICK
@given(STEPS)
def test_what_is_written_down_is_read_again(steps):
    for operation in played(steps).told:
        assert decode(encode([operation])) == [operation]


def test_two_sentences_written_at_the_same_place_are_both_there_and_not_mixed():
    ada, bob = Replica("ada"), Replica("bob")
    for operation in ada.insert(0, "."):
        bob.apply(operation)
    told = [ada.insert(n, letter) for n, letter in enumerate("Hello")]
    heard = [bob.insert(n, letter) for n, letter in enumerate("Good day")]
    for operations in told:
        for operation in operations:
            bob.apply(operation)
    for operations in heard:
        for operation in operations:
            ada.apply(operation)
    assert ada.text == bob.text
    assert ada.text in ("HelloGood day.", "Good dayHello.")


def test_a_letter_is_put_in_behind_one_that_was_deleted_meanwhile():
    ada, bob = Replica("ada"), Replica("bob")
    for operation in ada.insert(0, "abc"):
        bob.apply(operation)
    deleted, added = ada.delete(0, 3), bob.insert(2, "!")
    for operation in deleted:
        bob.apply(operation)
    for operation in added:
        ada.apply(operation)
    assert ada.text == bob.text == "!"
    assert ada.size == 4, "the dead are still in their places"


def test_of_two_letters_behind_the_same_one_that_with_the_higher_id_stands_first():
    copy = Replica("x")
    for operation in (
        Insert(Id(1, "ada"), HEAD, "a"),
        Insert(Id(1, "bob"), HEAD, "b"),
        Insert(Id(2, "ada"), HEAD, "c"),
    ):
        copy.apply(operation)
    assert copy.text == "cba"


def test_typing_and_backspace_fold_into_one_run_and_a_caret_that_moved_does_not():
    ada = Replica("ada")
    typed = [*ada.insert(0, "a"), *ada.insert(1, "b"), *ada.insert(2, "c")]
    assert fold(typed) == [Insert(Id(1, "ada"), HEAD, "abc")]
    assert fold([*ada.delete(2), *ada.delete(1)]) == [Delete(Id(2, "ada"), 2)]
    back = ada.insert(0, "x")
    assert len(fold([*typed, *back])) == 2


def test_a_long_text_comes_in_runs_that_can_be_published():
    ada = Replica("ada")
    runs = ada.insert(0, "x" * 2500)
    assert [len(run.text) for run in runs] == [1000, 1000, 500]
    assert [len(decode(encode([run]))) for run in runs] == [1, 1, 1]
    assert len(ada.text) == 2500


@pytest.mark.parametrize("seed", range(3))
def test_a_random_history_is_not_trivial(seed):
    history = random_history(random.Random(seed))
    assert history.texts()[0]
    assert history.replicas[0].size > len(history.texts()[0])
