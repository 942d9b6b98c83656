"""Six questions, and the way that the answers point to; the vote before the race; the map."""

import re
from pathlib import Path
from typing import Any

import ipywidgets
import nbformat
import pytest

from rtlab.errors import BadInput
from rtlab.teach import fields, question, summary
from rtlab.teach.asked import Asked
from rtlab.teach.course import COURSE, course, there
from rtlab.teach.diagnostic import diagnostic
from rtlab.teach.lesson_00 import DIAGNOSTIC, QUESTIONS, SECTIONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RIGHT = "".join(asked.right for asked in DIAGNOSTIC)


def wrong(number: int) -> str:
    """Six letters with so many wrong ones, the first ones."""
    other = {"a": "b", "b": "c", "c": "a"}
    return "".join(other[letter] if at < number else letter for at, letter in enumerate(RIGHT))


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.id)
def test_each_choice_has_a_reason_and_an_experiment(asked: Asked) -> None:
    assert [choice.letter for choice in asked.choices] == list("abcd")[: len(asked.choices)]
    assert asked.right in [choice.letter for choice in asked.choices]
    for choice in asked.choices:
        assert choice.because.endswith(".")
        assert re.match(r"Lesson 0[01]\b", choice.test)
        assert choice.says.endswith(".")


def test_there_are_six_and_no_letter_is_right_more_than_twice() -> None:
    assert [asked.id for asked in DIAGNOSTIC] == [f"00.{number}" for number in range(1, 7)]
    assert max(map(RIGHT.count, "abc")) == 2


def test_who_knows_it_all_goes_past_lesson_01() -> None:
    card = repr(diagnostic(RIGHT))
    assert card.startswith("→ Go on with lesson 02 (6 of 6)")
    assert "see lesson 01" not in card


def test_who_misses_little_goes_on_with_a_look_at_just_that() -> None:
    card = repr(diagnostic(wrong(2)))
    assert card.startswith("→ Go on with lesson 02, with a look into lesson 01 (4 of 6)")
    assert [SECTIONS[id] in card for id in sorted(SECTIONS)] == [True, True, False, False, False, False]


def test_who_misses_more_begins_with_lesson_01() -> None:
    assert repr(diagnostic(wrong(3))).startswith("→ Begin with lesson 01 (3 of 6)")


def test_a_wrong_answer_is_not_told_the_right_one() -> None:
    card = repr(diagnostic(wrong(6)))
    for asked in DIAGNOSTIC:
        right = next(choice for choice in asked.choices if choice.letter == asked.right)
        assert right.says not in card
        assert asked.explains not in card


def test_capitals_and_spaces_will_do_and_the_votes_are_in_the_summary() -> None:
    diagnostic(" ".join(RIGHT.upper()))
    assert question("00.3").first == RIGHT[2]
    assert re.search(rf"00\.6 +{RIGHT[5]}", repr(summary()))


@pytest.mark.parametrize("letters", ["abc", "abcabcd", "abcabx"])
def test_other_letters_are_refused(letters: str) -> None:
    with pytest.raises(BadInput):
        diagnostic(letters)


def test_without_widgets_the_questions_are_words() -> None:
    shown = diagnostic()._repr_mimebundle_()  # type: ignore[union-attr]
    assert set(shown) == {"text/plain", "text/html"}
    for asked in DIAGNOSTIC:
        assert asked.asks in shown["text/plain"]


def test_the_last_click_shows_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def keep(children: list[Any]) -> Any:
        made.append(children)
        return ipywidgets.Box(children)

    monkeypatch.setattr(fields, "_ipywidgets", lambda: ipywidgets)
    monkeypatch.setattr(ipywidgets, "VBox", keep)
    assert "application/vnd.jupyter.widget-view+json" in diagnostic()._repr_mimebundle_()  # type: ignore[union-attr]
    *_, said = made[0]
    buttons = [part for part in made[0] if isinstance(part, ipywidgets.ToggleButtons)]
    for number, (button, letter) in enumerate(zip(buttons, RIGHT, strict=True), 1):
        button.value = letter
        assert (f"{number} of 6 answered" in said.value) == (number < 6)
    assert "Go on with lesson 02" in said.value
    buttons[0].value = "a"  # a change of mind
    assert "with a look into lesson 01" in said.value


def test_the_way_leads_to_sections_that_are_there() -> None:
    (found,) = NOTEBOOKS.glob("01_*.ipynb")
    text = "\n".join(cell.source for cell in nbformat.read(found, as_version=4).cells)
    headings = {line.lstrip("# ").split(" · ")[0] for line in text.splitlines() if line.startswith("## ")}
    assert set(SECTIONS.values()) <= headings


def test_the_map_has_every_lesson_that_is_there_under_its_title() -> None:
    lessons = {number: title for _, part in COURSE for number, title, _ in part}
    assert list(lessons) == [f"{number:02}" for number in range(19)]
    for number, name in there(NOTEBOOKS).items():
        first = nbformat.read(NOTEBOOKS / name, as_version=4).cells[0].source.splitlines()[0]
        assert first == f"# {number} · {lessons[number]}"


def test_the_map_links_what_is_there_and_says_what_is_to_come(tmp_path: Path) -> None:
    (tmp_path / "02_short_polling.ipynb").touch()
    (tmp_path / "notes.ipynb").touch()
    panel = course(tmp_path)
    assert '<a href="02_short_polling.ipynb">Short polling</a>' in panel.html
    assert panel.html.count("<a ") == 1
    assert panel.text.count("(to come)") == 18
