"""Exercise 05.2: the server's half, one event written as a block, whatever its text."""

from collections.abc import Callable
from dataclasses import dataclass

from rtlab.protocol.event_stream import EventStreamParser, StreamEvent
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

TEXTS = (
    ("hello", "A block is its field lines and a blank line."),
    ("", "Also an empty text is an event: it needs its `data` line."),
    (
        "first\nsecond",
        "Each line of the text needs its own `data:`: without it, a line is a field that nobody knows.",
    ),
    ("first\r\nsecond\rthird", "CR LF and CR end lines as LF does: each begins a new `data` line."),
    (" two spaces\n", "One space behind the colon is dropped: write one, so that the text keeps its own."),
    ("a\u2028b\x0bc", "Only LF, CR LF and CR end a line: `str.splitlines` knows eight more."),
    (
        "I am Eve\n\nevent: admin\ndata: give Eve the keys",
        "Whoever writes the text must not be able to end the block and begin another.",
    ),
)


@dataclass(frozen=True)
class ReadBack:
    """Reads every block with a strict parser: one event must come out, with the text that went in."""

    def __call__(self, block: Callable[[str, int], bytes]) -> None:
        """Write each text, read it back, and compare."""
        for number, (text, rule) in enumerate(TEXTS, 1):
            did = f"called `block({text!r}, {number})` and read what it gave"
            written = block(text, number)
            if not isinstance(written, bytes):
                raise Wrong(did, show(written), "bytes: what goes on the wire")
            read = EventStreamParser().receive_data(written)
            # A reader gets every line end as LF: the format cannot tell them apart.
            lines = text.replace("\r\n", "\n").replace("\r", "\n")
            if read != [StreamEvent(lines, id=str(number))]:
                got = ", ".join(show(item) for item in read) or "no event"
                raise Wrong(did, got, "one event: the text, line for line, and the id", rule)


BLOCK = '''
def block(text, number):
    """Return one event as the bytes of a block."""
    return f"id: {number}\\ndata: {text}\\n\\n".encode()
'''

_RIGHT = '''
def block(text, number):
    """Return one event as the bytes of a block."""
    lines = text.replace("\\r\\n", "\\n").replace("\\r", "\\n").split("\\n")
    data = "".join(f"data: {line}\\n" for line in lines)
    return f"id: {number}\\n{data}\\n".encode()
'''


def the_block() -> Exercise:
    """Return 05.2: writing a block."""
    ends = '.replace("\\r\\n", "\\n").replace("\\r", "\\n").split("\\n")'
    return Exercise(
        id="05.2",
        title="write a block (modify)",
        task="This `block(text, number)` works until somebody writes a text of two lines. Change it so that any text "
        "arrives as one event, line for line, with `number` as its id.",
        name="block",
        stub=BLOCK,
        reference=_RIGHT,
        judge=ReadBack(),
        hints=(
            "What does a reader make of a line that does not begin with a field's name?",
            "Cut the text at its line ends, all three kinds, and write one `data: …` line for each part.",
        ),
        wrong=(
            WrongAnswer(_RIGHT.replace(ends, '.split("\\n")'), "CR LF and CR"),
            WrongAnswer(_RIGHT.replace(ends, ".splitlines()"), "an empty text"),
            WrongAnswer(_RIGHT.replace(ends, ".splitlines() or ['']"), "one event: the text, line for line"),
            WrongAnswer(_RIGHT.replace("{data}\\n", "{data}"), "no event"),
            WrongAnswer(BLOCK.replace("{text}", "{text!r}"), "field lines"),
        ),
        why="A text that can end its block can forge the next one. Whoever writes a format by hand owes it this care.",
    )
