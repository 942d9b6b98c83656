"""The verdicts are read from the one file where they are written."""

from pathlib import Path

import pytest

from rtlab.errors import BadInput
from rtlab.teach.verdicts import verdicts

COVERAGE = Path(__file__).parents[2] / "docs" / "coverage.md"

SMALL = """\
| sentence | lesson | verdict | the right wording | figure |
|---|---|---|---|---|
| It is fast | 08 · Latency | half true | Than polling. | 40 ms |
| It is nice | 09 | true | Indeed. | – |
| It is cheap | 04; 09 · Cost | false | It depends. | λ > 3 |
"""


def test_only_what_has_a_figure_and_is_taken_up_in_the_lessons_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "coverage.md"
    file.write_text(SMALL, encoding="utf-8")
    assert [each.sentence for each in verdicts(file=file)] == ["It is fast", "It is cheap"]
    assert [each.sentence for each in verdicts("09", file=file)] == ["It is cheap"]
    shown = repr(verdicts("08", "09", file=file))
    assert "2 sentences of the notes" in shown
    assert "1 half true, 1 false." in shown
    assert "“It is cheap.” It depends. Figure: λ > 3. Lesson 04; 09 · Cost." in shown
    assert "<table" in verdicts("09", file=file)._repr_html_()


def test_no_sentence_without_a_row_is_an_empty_card(tmp_path: Path) -> None:
    file = tmp_path / "coverage.md"
    file.write_text("", encoding="utf-8")
    assert "0 sentences" in repr(verdicts(file=file))


def test_the_docs_own_file_can_be_read() -> None:
    assert len(verdicts(file=COVERAGE)) > 40
    assert {each.verdict for each in verdicts("09", file=COVERAGE)} <= {"true", "half true", "false"}


def test_a_file_that_is_not_there_is_said_with_what_would_help(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="notebooks' folder"):
        verdicts(file=tmp_path / "nothing.md")
