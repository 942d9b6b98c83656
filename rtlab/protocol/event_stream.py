"""The event-stream format of server-sent events, read and written.

WHATWG HTML, "Server-sent events": sections "Parsing an event stream" and "Interpreting an event stream".
A stream is lines of UTF-8; a line is `field: value` or, with nothing before the colon, a comment; an empty
line ends a block. The names of the standard (data buffer, last event ID) are kept below.
"""

from dataclasses import dataclass

from rtlab.errors import BadInput, InvalidData, LimitExceeded

CONTENT_TYPE = "text/event-stream"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_RETRY_DIGITS = 15  # 30,000 years in milliseconds


@dataclass(frozen=True)
class StreamEvent:
    """A block with data. `id` is the last event ID when it was dispatched, its own or an earlier block's."""

    data: str
    event: str = "message"
    id: str = ""


@dataclass(frozen=True)
class Retry:
    """How long the server asks a reader to wait before it reconnects."""

    milliseconds: int


@dataclass(frozen=True)
class Comment:
    """A line that begins with a colon: a heartbeat, or a word to whoever reads the stream by eye."""

    text: str


StreamItem = StreamEvent | Retry | Comment


class EventStreamParser:
    """Reads an event stream from bytes that arrive in pieces of any size.

    `last_event_id` is what a reconnecting reader sends as `Last-Event-ID`; a block sets it when it ends, also
    one without data. A reader that reconnects starts its new parser with the old one's value.
    `max_block_bytes` bounds what one block may hold in memory; the standard has no such limit.
    When the stream ends inside a block, that block is discarded: nobody knows whether it was whole.
    """

    def __init__(self, last_event_id: str = "", max_block_bytes: int = 16 << 20) -> None:
        self.last_event_id = last_event_id
        self._max_block_bytes = max_block_bytes
        self._block_bytes = 0  # of the lines since the last empty one
        self._line = bytearray()  # begun, not ended
        self._first_line = True
        self._after_cr = False
        self._data: list[str] = []  # the standard's data buffer: one string for each data line
        self._event_type = ""
        self._id = last_event_id  # the standard's last event ID buffer

    def receive_data(self, data: bytes) -> list[StreamItem]:
        """Take bytes, return what they complete: an event at its empty line, the others at their line's end.

        Raises `LimitExceeded` when a block grows past `max_block_bytes`, and nothing else, whatever the bytes
        are. What stands before that block is returned first; the next call (and every later one) raises.
        """
        items: list[StreamItem] = []
        for line in self._split_lines(data):
            self._block_bytes += len(line)
            if self._block_bytes > self._max_block_bytes:
                break
            item = self._process_line(line) if line else self._dispatch()
            if item is not None:
                items.append(item)
        if not items and self._block_bytes + len(self._line) > self._max_block_bytes:
            limit = self._max_block_bytes
            raise LimitExceeded("max_block_bytes", limit, f"a block of the stream is over {limit} bytes")
        return items

    def _split_lines(self, data: bytes) -> list[bytes]:
        """Cut at CRLF, LF or CR. A CR ends its line at once: an LF that comes later is its second half."""
        if not data:
            return []
        if self._after_cr:
            data = data.removeprefix(b"\n")
        self._after_cr = data.endswith(b"\r")
        first, *rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._line += first
        if not rest:
            return []
        lines = [bytes(self._line), *rest[:-1]]
        self._line = bytearray(rest[-1])
        if self._first_line:  # a byte order mark at the very start is no part of the text
            self._first_line = False
            lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
        return lines

    def _process_line(self, line: bytes) -> Retry | Comment | None:
        # Each line is decoded by itself: no UTF-8 sequence contains a CR or LF. Invalid bytes become U+FFFD.
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        match field:
            case "":
                return Comment(value)
            case "data":
                self._data.append(value)
            case "event":
                self._event_type = value
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit() and len(value) <= MAX_RETRY_DIGITS:
                return Retry(int(value))
        return None  # "Otherwise: the field is ignored."

    def _dispatch(self) -> StreamEvent | None:
        """End a block. Without a data line there is no event, but its id counts."""
        self.last_event_id = self._id
        data, event_type = self._data, self._event_type or "message"
        self._data, self._event_type, self._block_bytes = [], "", 0
        return StreamEvent("\n".join(data), event_type, self.last_event_id) if data else None


def encode(
    data: str | None = None, *, event: str | None = None, id: str | None = None, retry: int | None = None
) -> bytes:
    """Write one block. `data` may have several lines; `retry` is in milliseconds; `id=""` clears a reader's id.

    A reader gets every line end in `data` as LF. Raises `BadInput` for what the format cannot carry: a line
    end in `event` or `id`, a NUL in `id`, a negative `retry`, a lone surrogate.
    """
    fields = []
    if retry is not None:
        if retry < 0:
            raise BadInput(f"retry {retry} is negative: give whole milliseconds, 0 or more")
        fields.append(f"retry: {retry:d}")
    if event is not None:
        fields.append(f"event: {_one_line('event', event)}")
    if id is not None:
        if "\0" in id:
            raise BadInput("an id with a NUL character is ignored by every reader: leave it out")
        fields.append(f"id: {_one_line('id', id)}")
    if data is not None:
        fields += [f"data: {line}" for line in _lines(data)]
    return _utf8("".join(f"{line}\n" for line in [*fields, ""]))


def comment(text: str = "") -> bytes:
    """Write a comment, one line for each of `text`: a heartbeat that no reader takes for an event."""
    return _utf8("".join(f": {line}\n" if line else ":\n" for line in _lines(text)))


def _lines(text: str) -> list[str]:
    """Only these three are line ends here; `str.splitlines` knows eight more."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _one_line(field: str, value: str) -> str:
    if "\n" in value or "\r" in value:
        raise BadInput(f"{field} {value[:80]!r} has a line end, which would end the field: use one line")
    return value


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidData("text with a lone surrogate cannot be sent as UTF-8") from None
