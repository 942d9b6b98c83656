"""Lesson 17's own check: an order that nobody answered."""

from rtlab.teach import exercise


def insist(send, command, tries, new_key):
    key = new_key()
    for _ in range(tries):
        try:
            return send(command, key)
        except TimeoutError:
            pass
    raise TimeoutError("nobody answered")


def test_a_timeout_of_ones_own_is_as_honest_as_the_last_one_caught() -> None:
    assert exercise("17.2").check(insist).right
