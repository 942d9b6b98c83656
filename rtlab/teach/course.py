"""The map of the course: all lessons, what each one asks, and which of them are there."""

from html import escape
from pathlib import Path

from rtlab.view.panel import Panel

COURSE: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "The ground",
        (
            (
                "00",
                "Start here: the race",
                "When something happens, who knows first, and what does knowing cost?",
            ),
            ("01", "One request on the wire", "What crosses between client and server, and when?"),
        ),
    ),
    (
        "The client asks",
        (
            ("02", "Short polling", "What does it cost to ask again and again?"),
            ("03", "Adaptive polling", "When is it clever to change the interval?"),
            ("04", "Long polling", "What if the server waits until it has something to say?"),
        ),
    ),
    (
        "The server tells",
        (
            ("05", "Server-sent events", "What if the answer does not end?"),
            ("06", "The WebSocket handshake", "How does HTTP become something else?"),
            ("07", "Frames and full duplex", "What can both sides say at once, and in how many bytes?"),
        ),
    ),
    (
        "Measured",
        (
            (
                "08",
                "Measured trade-offs: latency",
                "How late is each, by theory, simulation and measurement?",
            ),
            ("09", "Measured trade-offs: cost and scale", "Which is the cheapest that is quick enough?"),
        ),
    ),
    (
        "The real world",
        (
            ("10", "When the network misbehaves", "What survives a cut, a stall, a proxy?"),
            ("11", "Who may listen", "Who else can connect, and how is that stopped?"),
            ("12", "Push notifications", "How is somebody told who is not connected to you?"),
            ("13", "Scaling out with brokers", "What if one server is not enough?"),
        ),
    ),
    (
        "Applications",
        (
            ("14", "Chat", "Rooms, presence, history: which technique, and why?"),
            ("15", "Live dashboard", "This machine's metrics, live, with alerts."),
            ("16", "Trading and scores", "Hundreds of updates a second, and slow readers."),
            ("17", "Devices", "Sensors, commands, and batteries."),
            ("18", "Together", "One text and one game, edited by everybody."),
        ),
    ),
)

CSS = """\
.rtlab .course th,.rtlab .course td{padding:.2em .75em .2em 0}
.rtlab .course thead th{padding-top:.9em;font-size:13px;font-weight:600}
.rtlab .course tbody tr{border:0}
.rtlab .course a{color:var(--sse-text);text-decoration:underline}
.rtlab .course .to-come{color:var(--quiet-text)}
"""


def there(folder: str | Path = ".") -> dict[str, str]:
    """Return the file name of each lesson that is in `folder`, by its number."""
    return {path.name[:2]: path.name for path in sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))}


def course(folder: str | Path = ".") -> Panel:
    """Draw the map; lessons whose notebook is in `folder` (of the notebook that asks, by default) are links."""
    files = there(folder)
    html, text = [], []
    for part, lessons in COURSE:
        html.append(f'<thead><tr><th colspan="3" scope="rowgroup">{escape(part)}</th></tr></thead><tbody>')
        text.append(part)
        for number, title, asks in lessons:
            here = number in files
            name = f'<a href="{escape(files[number])}">{escape(title)}</a>' if here else escape(title)
            kind = "" if here else ' class="to-come"'
            later = "" if here else " (to come)"
            html.append(f"<tr{kind}><td>{number}</td><td>{name}</td><td>{escape(asks)}{later}</td></tr>")
            text.append(f"  {number}  {title:<36}  {asks}{later}")
        html.append("</tbody>")
    table = f'<table class="course"><caption>The map of the course</caption>{"".join(html)}</table>'
    return Panel(table, "\n".join(text), CSS)
