"""Exercise 18.4: which datagram is news, when numbers begin anew?"""

from rtlab.teach.checks import Case, Cases, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer

IS_NEWS = '''
def is_news(newest, number):
    """Whether a datagram with this number is newer than the newest so far (None: there was none)."""
    return newest is None or number > newest
'''
RIGHT = '''
def is_news(newest, number):
    """Whether a datagram with this number is newer than the newest so far (None: there was none)."""
    return newest is None or 0 < (number - newest) % 256 < 128
'''


def drop_the_late() -> Exercise:
    """Return 18.4: the late datagram is dropped."""
    return Exercise(
        id="18.4",
        title="drop what is late (modify)",
        task="A small datagram has one byte for its number: after 255 comes 0. Each one says where the boat is. Some "
        "are lost, some overtaken, some there twice, but none is more than a hundred behind another. This `is_news` "
        "says whether to draw what has come. From 255 on it never draws again: mend it.",
        name="is_news",
        stub=IS_NEWS,
        reference=RIGHT,
        judge=Cases(
            (
                Case((None, 7), True),
                Case((7, 8), True),
                Case((7, 12), True),
                Case((12, 9), False),
                Case((9, 9), False),
                Case((255, 0), True),
                Case((250, 3), True),
                Case((3, 250), False),
                Case((0, 255), False),
                Case((100, 190), True),
                Case((40, 200), False),
            ),
            "True for what is newer, False for what is late or there already, also across 255",
            (
                Symptom(
                    lambda got, case: (
                        not got and case.result and case.arguments[1] < (case.arguments[0] or 0)
                    ),
                    "The numbers have begun anew, and nothing is drawn until they are past the old one again.",
                ),
                Symptom(
                    lambda got, case: not got and case.result,
                    "Those in between may never come: waiting for the next number is what TCP does.",
                ),
                Symptom(
                    lambda got, case: got and case.arguments[0] == case.arguments[1],
                    "That one was there already.",
                ),
                Symptom(
                    lambda got, case: got and not case.result,
                    "That one was overtaken: the boat would jump back.",
                ),
            ),
        ),
        hints=(
            "How far is it from `newest` *forward* to `number`, on a dial with 256 places?",
            "`(number - newest) % 256` is that way. Less than half of the dial is forward, more is backward; and 0?",
        ),
        wrong=(
            WrongAnswer(IS_NEWS.replace("number > newest", "not number <= newest"), "have begun anew"),
            WrongAnswer(IS_NEWS.replace("number > newest", "number != newest"), "was overtaken"),
            WrongAnswer(IS_NEWS.replace("number > newest", "number == (newest + 1) % 256"), "may never come"),
            WrongAnswer(RIGHT.replace("0 < (", "0 <= ("), "there already"),
            WrongAnswer(RIGHT.replace(" < 128", ""), "was overtaken"),
        ),
        why="A state replaces those before it, so there is nothing to wait for and nothing to ask for again: one "
        "number and one comparison do what a whole TCP is too careful for. RFC 1982 is the same on a larger dial.",
    )
