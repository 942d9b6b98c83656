"""In a real kernel: answers from cells are checked, outputs are the same each time, and the kernel survives."""

import os
from typing import Any

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

CELLS = (
    "from rtlab.teach import exercise, predict, question, summary, think\nq1 = exercise('06.1')\nq1",
    "GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'\ndef accept_value(key):\n    ...\n\nq1.check(accept_value)",
    "import hashlib\n\ndef accept_value(key):\n    return hashlib.sha1(key + GUID)\n\nq1.check(accept_value)",
    "def accept_value(key):\n    import os\n    os._exit(0)\n\nq1.check(accept_value)",
    "def accept_value(key):\n    return digest(key).hex()\n\n"
    "def digest(key):\n    return hashlib.sha1((key + GUID).encode()).digest()\n\nq1.check(accept_value)",
    "import base64\n\ndef accept_value(key):\n    return base64.b64encode(digest(key)).decode()\n\n"
    "q1.check(accept_value)",
    "empty = predict('empty answers in 10 s', unit='answers')\nempty",
    "predict('bytes of a poll', 400, unit='bytes').measured(400)",
    "predict('latency', at=[1, 2], unit='ms')",
    "question('M1')",
    "question('M1').vote('a')",
    "question('M1').again('b')",
    "think('Why?', 'Because.')",
    "empty.measured(20)",
    "summary()",
)


def run() -> list[dict[str, Any]]:
    """What each cell shows."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    NotebookClient(notebook, timeout=60).execute()
    return [cell.outputs[-1]["data"] for cell in notebook.cells]


# The kernel's own libraries warn of what they will change; that is theirs to mend.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")
@pytest.mark.limit(120)
def test_answers_in_cells_are_checked_and_shown_the_same_each_time() -> None:
    first, second = run(), run()
    texts = [data["text/plain"] for data in first]
    assert [text.split("\n")[0] for text in texts[1:6]] == [
        "○ 06.1 not started",
        "! 06.1 broke off",
        "! 06.1 broke off",
        "✗ 06.1 wrong",
        "✓ 06.1 right",
    ]
    assert "line 4: return hashlib.sha1(key + GUID)" in texts[2]
    assert "hexadecimal digits" in texts[4]
    assert "06.1      right" in texts[-1]
    widget = "application/vnd.jupyter.widget-view+json"
    assert [index for index, data in enumerate(first) if widget in data] == [6, 8, 9]
    for one, other in zip(first, second, strict=True):
        assert {kind: one[kind] for kind in set(one) - {widget}} == {
            kind: other[kind] for kind in set(other) - {widget}
        }
    assert not psutil.Process(os.getpid()).children()
