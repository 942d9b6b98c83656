"""What Chromium did on the stage, for a notebook that no browser shows; `tests/browser/` holds that it still does.

Chromium 156 on Linux, without a window, HTTP/1.1.
"""

from rtlab.teach.card import Card, Table
from rtlab.teach.lesson_05.stage import Answer, Asked, Stage

SIGNS = {"cut": "200, one event, cut", "hold": "200, one event, stays open", "html": "200, a page"}

# The script of the stage, and the requests that one EventSource made in the two seconds that followed.
ASKED: dict[tuple[Answer, ...], tuple[Asked, ...]] = {
    ("cut", "cut", "hold"): (Asked("", "cut"), Asked("1", "cut"), Asked("2", "hold")),
    ("cut", 500, "hold"): (Asked("", "cut"), Asked("1", 500)),
    ("cut", 204, "hold"): (Asked("", "cut"), Asked("1", 204)),
    ("cut", "html", "hold"): (Asked("", "cut"), Asked("1", "html")),
}

# Eight EventSources and a fetch in one page, after two seconds: what the page showed, and how many the server saw.
EIGHT = (*(f"EventSource {number}: open" for number in range(1, 7)),
         "EventSource 7: connecting", "EventSource 8: connecting", "fetch: connecting")  # fmt: skip
EIGHT_ASKED = 6


def requests_of(stage: Stage) -> Card:
    """Show the requests that a browser made on a stage; where none has been, those that Chromium made."""
    asked = tuple(stage.asked) or ASKED[stage.script]
    whose = "your browser" if stage.asked else "Chromium, recorded"
    rows = tuple(
        (str(number), each.last_event_id or "–", SIGNS.get(str(each.answer), str(each.answer)))
        for number, each in enumerate(asked, 1)
    )
    return Card(
        f"The requests of one EventSource ({whose})", (Table(("request", "Last-Event-ID", "answer"), rows),)
    )


def eight_streams(stage: Stage) -> Card:
    """Show how many of eight streams reached the server; where no browser has been, what Chromium showed."""
    if stage.asked:
        return Card(f"{len(stage.asked)} requests for a stream have reached the server (your browser)")
    rows = tuple((name, state) for name, _, state in (line.partition(": ") for line in EIGHT))
    title = f"{EIGHT_ASKED} requests for a stream reached the server (Chromium, recorded)"
    return Card(title, (Table(("in the page", "state after 2 s"), rows),))
