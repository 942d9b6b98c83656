"""The docs keep their promises: no sentence of the notes is missing, no term, and the minutes are the lessons' own."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
VERDICTS = {"true", "half true", "false"}


def sentences(text):
    """The sentences of the notes, as plain text; lines of fewer than four words are headings."""
    for line in text.splitlines():
        plain = re.sub(r"^[#\s]*(\d+\.|\*)?\s*", "", line).replace("*", "").replace("`", "")
        for sentence in re.split(r"(?<=[.?])\s+(?=[A-Z])|(?<=[a-z]\.)(?=[A-Z][a-z ])", plain):
            sentence = sentence.strip(" .")
            long = len(sentence.split()) >= 4 and not sentence.startswith("vs")
            if long or sentence in ("Here REST is implemented", "Works evertwhere"):
                yield sentence


def rows(name, columns):
    """The rows of the table in a document."""
    for line in (DOCS / name).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == columns and cells[0] not in ("sentence", "lesson", "term"):
            yield cells


def prose(lesson):
    cells = json.loads(lesson.read_text())["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_every_sentence_of_the_notes_has_a_verdict():
    quoted = " ".join(row[0] for row in rows("coverage.md", 5))
    missing = [s for s in sentences((DOCS / "notes.txt").read_text()) if s not in quoted]
    assert missing == []


def test_every_verdict_is_one_of_three_and_names_its_lesson_and_wording():
    found = list(rows("coverage.md", 5))
    assert len(found) > 50
    for sentence, lesson, verdict, wording, figure in found:
        assert verdict in VERDICTS, sentence
        assert re.match(r"\d\d", lesson), sentence
        assert wording, sentence
        assert figure, sentence


def test_the_corrections_are_marked_as_such():
    verdicts = {row[0]: row[2] for row in rows("coverage.md", 5)}
    for beginning, verdict in {
        "Client asks the server by sending": "false",
        "Client and server communicates": "false",
        "Low Latency: By eliminating": "false",
        "We have high latency": "half true",
        "Works evertwhere": "half true",
        "The SSE is lightweight": "half true",
        "Secure WebSockets (WSS)": "half true",
        "Web Sockets are bidirectional and scalable": "half true",
    }.items():
        assert [v for s, v in verdicts.items() if s.startswith(beginning)] == [verdict], beginning


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lessons_minutes_are_those_of_the_instructors_table(lesson):
    minutes = {row[0][:2]: (row[1], row[2]) for row in rows("instructors.md", 4)}
    core, whole = re.search(r"(\d+) minutes core, (\d+) minutes all", prose(lesson)).groups()
    assert minutes[lesson.name[:2]] == (core, whole)


def test_the_instructors_plans_add_up_and_give_each_lesson_its_core():
    plans = (DOCS / "instructors.md").read_text().split("\n## ")
    totals = {"Ninety minutes": [90], "Half a day": [210], "Two days": [315, 315]}
    cores = {row[0][:2]: row[1] for row in rows("instructors.md", 4)}
    for title, wanted in totals.items():
        (plan,) = [text for text in plans if text.startswith(title)]
        tables = re.findall(r"(?:^\| \d.*\n)+", plan + "\n", re.M)
        assert [sum(int(line.split("|")[1]) for line in table.splitlines()) for table in tables] == wanted
        if title != "Ninety minutes":  # where lessons are cut short
            for minutes, lesson in re.findall(r"^\| (\d+) \| (\d\d)\b", plan, re.M):
                assert minutes == cores[lesson], lesson


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_has_its_anatomy(lesson):
    text = prose(lesson)
    for needed in (
        "After this you can",
        "**core**",
        "Key points",
        "In the real world",
        "Further reading",
        "RFC",
    ):
        assert needed in text, needed
    assert re.search(r"Rejoin", text), "a checkpoint"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_more_than_half_of_the_cells_with_output_are_compared_and_an_assertion_is_near_each_other(
    lesson,
):
    code = [cell for cell in json.loads(lesson.read_text())["cells"] if cell["cell_type"] == "code"]
    shown = [cell for cell in code if cell["outputs"]]
    ignored = [cell for cell in shown if "nbval-ignore-output" in cell["metadata"].get("tags", [])]
    assert len(ignored) * 2 < len(shown)
    for cell in ignored:
        source = "".join(cell["source"])
        place = code.index(cell)
        soon = "".join("".join(near["source"]) for near in code[place : place + 3])
        shows_a_page = "HTML(" in source or "IFrame(" in source  # the browser's own work, not the kernel's
        assert "assert" in soon or shows_a_page or source.strip() == "summary()", source


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_stores_no_error_and_no_long_cell(lesson):
    for cell in json.loads(lesson.read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert len(cell["source"]) <= 30
            tags = cell["metadata"].get("tags", [])
            errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
            assert not errors or "raises-exception" in tags or "nbval-raises-exception" in tags


def test_the_glossary_is_in_order_and_says_where_each_term_is_introduced():
    terms = re.findall(r"^\*\*(.+?)\*\* — (.+)$", (DOCS / "glossary.md").read_text(), re.M)
    names = [term.lower() for term, _ in terms]
    assert len(names) > 40
    assert names == sorted(names)
    assert len(names) == len(set(names))
    for term, meaning in terms:
        assert re.search(r"\(Lesson \d\d\)$", meaning), term


def test_the_readme_names_every_lesson_with_its_question_and_minutes():
    readme = (ROOT / "README.md").read_text()
    for lesson in LESSONS:
        head = prose(lesson)
        question = re.search(r"\*\*The question: (.+?)\*\*", head).group(1)
        core, whole = re.search(r"(\d+) minutes core, (\d+) minutes all", head).groups()
        number, title = re.match(r"# (\d\d) · (.+)", head).groups()
        asked = question[0].upper() + question[1:]
        row = f"| [{number} {title}](notebooks/{lesson.name}) | {asked} | {core} / {whole} |"
        assert row in readme, f"README.md lacks, or has otherwise: {row}"
