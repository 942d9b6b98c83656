"""Exercise 18.2: the keys of a quarter of a second, as one event."""

from rtlab.teach.checks import Case, Cases, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer


def _typed(text: str, count: int, after: tuple[int, str] | None, site: str = "ada") -> list[object]:
    """Keys as they come: (id, after, letter), each behind the one before."""
    keys: list[object] = []
    for letter in text:
        keys.append(((count, site), after, letter))
        after, count = (count, site), count + 1
    return keys


HELLO = _typed("hello", 7, (3, "bob"))
JUMP = [*_typed("ab", 7, (3, "bob")), *_typed("cd", 9, (1, "bob"))]
HEARD = [*_typed("ab", 7, (3, "bob")), *_typed("c", 12, (8, "ada"))]  # a letter of Bob's was heard in between

TOGETHER = '''
def together(keys):
    """Return runs (id, after, text) that say the same as `keys`, each (id, after, letter), an id (count, site)."""
    runs = []
    for id, after, letter in keys:
        runs.append((id, after, letter))
    return runs
'''
RIGHT = '''
def together(keys):
    """Return runs (id, after, text) that say the same as `keys`, each (id, after, letter), an id (count, site)."""
    runs = []
    for id, after, letter in keys:
        if runs:
            (count, site), first, text = runs[-1]
            end = (count + len(text) - 1, site)
            if after == end and id == (end[0] + 1, site):
                runs[-1] = ((count, site), first, text + letter)
                continue
        runs.append((id, after, letter))
    return runs
'''


def many_keys_one_event() -> Exercise:
    """Return 18.2: folding."""
    longer = Symptom(
        lambda got, case: isinstance(got, list) and len(got) > len(case.result),
        "That says more than it must: a letter that follows on from the last one, in its place *and* in its count, "
        "belongs to the same run.",
    )
    place = Symptom(
        lambda got, case: isinstance(got, list) and len(got) < len(case.result) and case.arguments == (JUMP,),
        "The caret was moved in between. In a run each letter stands behind the one before: these do not.",
    )
    count = Symptom(
        lambda got, case: isinstance(got, list) and len(got) < len(case.result),
        "In a run the ids count on. A letter was heard from somebody else in between, so the count has jumped: "
        "the others would give this letter another name than you.",
    )
    return Exercise(
        id="18.2",
        title="many keys, one event (modify)",
        task="An event for each key is mostly brackets. Letters that are typed one after another need one id only: "
        "*(id of the first, what it stands behind, text)*; the others count on, each behind the one before. Change "
        "`together` so that it returns as few such runs as say the same.",
        name="together",
        stub=TOGETHER,
        reference=RIGHT,
        judge=Cases(
            (
                Case((HELLO,), [((7, "ada"), (3, "bob"), "hello")]),
                Case((JUMP,), [((7, "ada"), (3, "bob"), "ab"), ((9, "ada"), (1, "bob"), "cd")]),
                Case((HEARD,), [((7, "ada"), (3, "bob"), "ab"), ((12, "ada"), (8, "ada"), "c")]),
                Case(([],), []),
            ),
            "the fewest runs that give each letter the same id and the same place",
            (longer, place, count),
        ),
        hints=(
            "What is the id of the *last* letter of the run that you have? It follows from the first, and the length.",
            "The next key goes on with it if it stands behind that letter, and if its count is one higher.",
        ),
        wrong=(
            WrongAnswer(RIGHT.replace("after == end and ", ""), "The caret was moved"),
            WrongAnswer(RIGHT.replace(" and id == (end[0] + 1, site)", ""), "the count has jumped"),
            WrongAnswer(
                RIGHT.replace("end = (count + len(text) - 1, site)", "end = (count, site)"),
                "more than it must",
            ),
        ),
        why="The page does this four times a second. Nobody sees a quarter of a second of somebody else's typing, and "
        "the same text costs a third of the bytes.",
    )
