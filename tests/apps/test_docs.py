"""docs/apps.md shows the files of docs/vote/ as they are, and that application keeps its sixty lines."""

import re
from pathlib import Path

import pytest

from rtlab import Lab, WebSocket, publish
from rtlab.apps.catalogue import find
from rtlab.errors import ServerError

DOCS = Path(__file__).parents[2] / "docs"
FILES = ["__init__.py", "index.html", "vote.js"]


@pytest.mark.parametrize("name", FILES)
def test_the_document_shows_the_file_as_it_is(name):
    shown = re.findall(r"^```\w+\n(.*?)^```$", (DOCS / "apps.md").read_text(), re.M | re.S)
    assert (DOCS / "vote" / name).read_text() in shown


def test_it_has_sixty_lines_at_most():
    assert sum(len((DOCS / "vote" / name).read_text().splitlines()) for name in FILES) <= 60


def test_it_counts_votes_and_refuses_what_is_none(monkeypatch):
    monkeypatch.chdir(DOCS)
    with Lab() as lab:
        lab.app(find("vote:Vote"))
        for choice in ("both", "both", "polling"):
            publish(lab.channel("vote.cast"), {"choice": choice})
        with WebSocket(lab.channel("vote"), after="start") as reader:
            *_, last = reader.events(limit=4, timeout=10)
        assert last.data == {"polling": 1, "streaming": 0, "both": 2}
        for channel, data, says in [
            ("vote.cast", {"choice": "neither"}, "choose one of"),
            ("vote.cast", "both", "choose one of"),
            ("vote", {"both": 99}, "cast a vote on vote.cast"),
        ]:
            with pytest.raises(ServerError, match=says):
                publish(lab.channel(channel), data)
